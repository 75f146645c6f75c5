// Package desktest is for tests of the coordinator's desk and its drawing: an
// invented project (样例…) as records, and a device in memory that holds them.
// No program imports it.
package desktest
