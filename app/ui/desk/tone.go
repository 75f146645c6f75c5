package desk

import (
	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
)

var statuses = map[desk.Tone]kit.Status{
	desk.ToneNeutral: kit.StatusNeutral,
	desk.ToneOK:      kit.StatusOK,
	desk.ToneWarn:    kit.StatusWarn,
	desk.ToneBad:     kit.StatusBad,
	desk.ToneInfo:    kit.StatusInfo,
	desk.TonePending: kit.StatusPending,
}

var emphases = map[desk.Emphasis]kit.Emphasis{
	desk.Plain:   kit.Plain,
	desk.Primary: kit.Primary,
	desk.Danger:  kit.Danger,
}
