// Package walktest walks the main job through the real code paths: device cores,
// the server in process with an injected clock, sockets on loopback, SQLite and
// files. It holds tests only and may import both app and syncserver.
package walktest
