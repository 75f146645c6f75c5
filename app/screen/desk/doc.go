// Package desk holds the view models of the maintenance coordinator's desktop:
// ticket board, ticket, third party, retention ledger and status strip. It
// knows what a person may do and says it in their language; it draws nothing.
//
// One [Desk] keeps one [State] in step with the device's store: it reloads when
// the store's bell rings, when time passes and when the person chooses
// something, and hands a new State to its one listener. States are never
// changed once handed out, so another goroutine may draw them.
package desk
