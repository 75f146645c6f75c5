// Package faulttest breaks real things under real processes: the server's
// program and app cores are killed with SIGKILL at random moments, their link is
// slowed, cut and left half-open, their disks fill up, fail to sync and lose
// power. Afterwards everything that was shown to a person as saved must be on
// the server once and on every other device. It holds tests only, for Linux.
//
// The short form is part of the tests; KEYTURN_KILLS=200 makes the long one, and
// KEYTURN_SEED repeats the choices (not the timing) of an earlier run.
package faulttest
