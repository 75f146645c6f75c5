// Package benchtest is the yardstick: it runs the workload of a handover day on
// the real server (a process of its own, with authorisation, scopes, merge and
// tickets on) and on real devices, beside a floor that does the least any sync
// system must do (package floor), in the same run and on the same machine, and
// prints the figures as ratios to it. `make bench` runs it; without
// KEYTURN_BENCH the same code runs with tiny sizes as a test that asserts counts
// and no times.
package benchtest
