// Package simtest is the simulation of Keyturn's sync. A seed makes a schedule:
// devices record, edit, take photos and sync through the production engines with
// one or several servers over one store, on disks that lose power, over wires
// that cut, double, reorder and halve frames, under clocks that are years off,
// while people come, go and are revoked. After each step and once all is quiet
// the promises of the sync design are checked; a schedule that breaks one is
// shrunk and printed.
//
// It holds tests only. A step type is one function and one line in the table
// steps; a promise is one function that fails.
package simtest
