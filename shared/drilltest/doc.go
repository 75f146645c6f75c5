// Package drilltest plays the restore drill of docs/backup.md: devices at work,
// a backup, a lost server, a restore, and what the devices do then.
package drilltest
