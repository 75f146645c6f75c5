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
