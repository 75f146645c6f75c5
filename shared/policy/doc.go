// Package policy holds Keyturn's decisions: warranty, time limits, liability,
// escalation, the third-party gate, money and tolerance verdicts. Everything
// here is pure: facts and configuration in, a decision with its reason out.
//
// # Reasons
//
// Each decision carries a domain.Reason. Its arguments are plain values: names
// ending in "_at" are instants (RFC 3339, UTC, milliseconds), names ending in
// "_on" are civil dates (2026-09-30), the others are decimal numbers or names.
// Whoever renders a reason puts instants into the project's zone.
//
// # Limits
//
// A limit that falls on the instant X has passed from X on; what happened at X
// itself was still in time. Hours are elapsed hours. Time in which a ticket was
// suspended does not count.
package policy
