package syncproto

import "keyturn/shared/domain"

// hlcCounterBits is the width of the hybrid clock's counter.
const hlcCounterBits = 16

// NextHLC is the successor of last at a local time: time moves it on, the
// counter separates what happens within one millisecond or while the clock
// stands still or goes back.
func NextHLC(last uint64, now domain.Instant) uint64 {
	if ms := uint64(max(now, 0)); ms > last>>hlcCounterBits {
		return ms << hlcCounterBits
	}
	return last + 1
}

// MaxAhead is how far in the server's future a corrected clock may lie.
const MaxAhead domain.Instant = 5 * 60 * 1000

// ClampHLC limits a device's hybrid clock to the server's time plus MaxAhead,
// so that a clock years ahead wins nothing.
func ClampHLC(hlc uint64, serverNow domain.Instant) uint64 {
	return min(hlc, uint64(serverNow+MaxAhead)<<hlcCounterBits)
}

// ClampTime limits a corrected capture time likewise.
func ClampTime(at, serverNow domain.Instant) domain.Instant { return min(at, serverNow+MaxAhead) }
