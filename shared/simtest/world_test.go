package simtest

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash"
	"hash/fnv"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// world is everything that a schedule happens to.
type world struct {
	ctx context.Context
	dir string
	// now is the true time; every clock is off from it by something.
	now     domain.Instant
	cloud   *cloud
	devices []*device
	photos  *album
	// known are the records that somebody made, in the order of making.
	known map[domain.Entity][]domain.AnyID
	made  int
	// authored is what devices recorded, by what an op says of itself.
	authored map[authorship]*authored
	// erased are the records whose personal values somebody had erased.
	erased map[recordKey]bool

	// story tells what happened, for people; print sums up all of it.
	story []string
	print hash.Hash64
	done  int
}

// violation is a broken promise; it ends the schedule.
type violation struct{ text string }

// fail ends the schedule with a broken promise.
func (w *world) fail(format string, args ...any) {
	panic(violation{fmt.Sprintf(format, args...)})
}

// must ends the schedule at an error that no fault explains.
func (w *world) must(err error, what string) {
	if err != nil {
		w.fail("%s: %v", what, err)
	}
}

// tell adds a line to the story.
func (w *world) tell(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	w.story = append(w.story, line)
	w.sum([]byte(line))
}

// sum takes bytes into the fingerprint of the run.
func (w *world) sum(b []byte) {
	var size [8]byte
	binary.LittleEndian.PutUint64(size[:], uint64(len(b)))
	w.print.Write(size[:])
	w.print.Write(b)
}

// outcome is how a schedule ended.
type outcome struct {
	broken string // the promise, "" when all were kept
	story  []string
	print  uint64
	// steps were run; ops were recorded.
	steps, ops int
}

// play runs a schedule in an empty directory.
func play(ctx context.Context, dir string, s schedule) (out outcome) {
	w := newWorld(ctx, dir)
	defer func() {
		out.broken, _ = w.end(recover())
		out.story, out.print, out.steps, out.ops = w.story, w.print.Sum64(), w.done, len(w.authored)
	}()
	w.begin(newDice(s.seed, diceWorld))
	for _, step := range s.steps {
		dice := newDice(step.seed, diceStep)
		w.pass(time.Duration(dice.IntN(90)) * time.Second)
		steps[step.kind].run(w, dice)
		w.done++
	}
	w.comeToRest(newDice(s.seed, diceQuiet))
	w.checkAtRest()
	return out
}

func newWorld(ctx context.Context, dir string) *world {
	return &world{
		ctx: ctx, dir: dir, now: opening, print: fnv.New64a(), photos: newAlbum(),
		known: map[domain.Entity][]domain.AnyID{}, authored: map[authorship]*authored{}, erased: map[recordKey]bool{},
	}
}

// end closes everything after a panic or without one, and tells what it was.
func (w *world) end(failure any) (broken string, failed bool) {
	if w.cloud != nil {
		w.cloud.stop()
	}
	for _, d := range w.devices {
		d.stop()
	}
	switch failure := failure.(type) {
	case nil:
		return "", false
	case violation:
		return failure.text, true
	default:
		return fmt.Sprintf("panic: %v\n%s", failure, debug.Stack()), true
	}
}

// pass lets time go by everywhere.
func (w *world) pass(d time.Duration) { w.now += domain.Instant(d.Milliseconds()) }

// device picks one that runs.
func (w *world) device(dice *rand.Rand) *device { return w.devices[dice.IntN(len(w.devices))] }

// some picks a record of an entity that somebody made; false when there is none.
func (w *world) some(dice *rand.Rand, e domain.Entity) (domain.AnyID, bool) {
	list := w.known[e]
	if len(list) == 0 {
		return domain.AnyID{}, false
	}
	return list[dice.IntN(len(list))], true
}

func (w *world) encode(record any) syncproto.Fields {
	f, err := syncproto.Encode(record)
	w.must(err, "encode")
	return f
}

// one picks a value.
func one[T any](dice *rand.Rand, of ...T) T { return of[dice.IntN(len(of))] }
