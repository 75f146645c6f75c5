// Package benchtest measures the main job on real parts: saving a defect, a
// handover day's sync, and photo transfer. It holds benchmarks only; `make bench`
// runs them. Figures depend on the machine, so each comes with a floor measured
// beside it where there is one.
package benchtest
