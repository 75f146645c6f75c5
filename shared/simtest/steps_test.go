package simtest

import "math/rand/v2"

// stepKind is something that can happen, and how often beside the others.
type stepKind struct {
	name   string
	weight int
	run    func(*world, *rand.Rand)
}

// steps lists all of them. A new kind of step is a function and a line here.
var steps []stepKind

// Filled at start: a step may play others, so the table cannot be a constant of
// itself.
func init() {
	steps = []stepKind{
		// What people do.
		{"record a defect", 8, recordDefect},
		{"amend a defect", 7, amendDefect},
		{"withdraw a defect", 1, withdrawDefect},
		{"answer an item", 3, answerItem},
		{"desk work", 3, deskWork},
		{"command", 4, command},
		{"re-inspect", 2, reinspect},
		{"inspect", 3, inspect},
		{"draft", 1, draft},
		{"another user", 1, anotherUser},

		// The wire.
		{"connect", 7, connect},
		{"work", 5, work},
		{"frames up", 10, framesUp},
		{"frames down", 12, framesDown},
		{"talk", 4, talk},
		{"cut", 3, cut},
		{"half a frame", 1, halfFrame},
		{"lose, double or reorder", 3, shuffle},
		{"lose a live page", 1, loseLivePage},
		{"poke", 2, poke},
		{"photos", 6, movePhotos},

		// The office and the server.
		{"timers", 2, timers},
		{"time passes", 1, timePasses},
		{"rights change", 3, changeRights},
		{"revoke a device", 1, revoke},
		{"server process dies", 1, processDies},
		{"server dies before fan-out", 1, dieBeforeFanOut},
		{"server loses power", 2, serverLosesPower},
		{"the power fails under photos", 1, photosMeetPowerCut},
		{"server's disk", 1, serverDisk},
		{"review", 2, review},
		{"trim the log", 1, trimLog},
		{"erase personal data", 1, erase},
		{"backup", 1, takeBackup},
		{"restore", 1, restoreBackup},
		{"lose the server", 1, loseServer},

		// The devices.
		{"device loses power", 4, deviceLosesPower},
		{"device's disk", 1, deviceDisk},
		{"clock jumps", 1, clockJumps},
		{"clone a device", 1, cloneDevice},
		{"fork with work in review", 1, forkInReview},
	}
}
