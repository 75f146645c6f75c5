// Package archtest holds the architecture as tests: which package may import
// which, who owns each library, sizes, names and a few habits. It reads the
// packages that `go list` names, for every platform, and has no code of its
// own. A finding says which rule was broken, why the rule is there and what to
// do; tables_test.go is the place for a decision that changes.
package archtest
