package walktest

import (
	"context"
	"encoding/json"
	"os"
	"strconv"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"keyturn/app/core"
	"keyturn/app/fieldwork"
	"keyturn/shared/domain"
	"keyturn/shared/photo"
)

// TestMain runs the inspector's offline work when the test binary was started
// as the app that will be killed. Otherwise it owns the main thread, as windows
// need it, and runs the tests beside it.
func TestMain(m *testing.M) {
	if dir := os.Getenv(killedDir); dir != "" {
		os.Exit(offlineWork(dir))
	}
	if os.Getenv("DISPLAY") == "" {
		os.Exit(m.Run())
	}
	a := app.NewWithID("app.keyturn.walk")
	code := 0
	go func() {
		code = m.Run()
		fyne.Do(a.Quit)
	}()
	a.Run()
	os.Exit(code)
}

const (
	killedDir  = "KEYTURN_WALK_DIR"
	killedPlan = "KEYTURN_WALK_PLAN"
	killedTime = "KEYTURN_WALK_TIME"
)

// assignment is what the killed app is told to work on.
type assignment struct {
	Project domain.ProjectID
	Task    domain.TaskID
	Unit    domain.UnitID
	Plan    domain.PlanID
	Photos  []string
}

// offlineWork is the app of step 2 as a process of its own: it answers items,
// records two defects with photos, leaves a third half-typed, and waits to be
// killed.
func offlineWork(dir string) int {
	ctx := context.Background()
	var a assignment
	ms, err := strconv.ParseInt(os.Getenv(killedTime), 10, 64)
	if err == nil {
		err = json.Unmarshal([]byte(os.Getenv(killedPlan)), &a)
	}
	if err == nil {
		err = inspect(ctx, dir, time.UnixMilli(ms), a)
	}
	if err != nil {
		os.Stdout.WriteString("failed: " + err.Error() + "\n")
		return 1
	}
	os.Stdout.WriteString("ready\n")
	select {} // until SIGKILL
}

func inspect(ctx context.Context, dir string, now time.Time, a assignment) error {
	c, err := core.Open(ctx, options(dir, func() time.Time { return now }))
	if err != nil {
		return err
	}
	inspection, err := c.Field.Start(ctx, a.Project, a.Task)
	if err != nil {
		return err
	}
	answered := fieldwork.Answered{Project: a.Project, Inspection: inspection, Unit: a.Unit, Room: "LIV1"}
	for item, answer := range map[string]domain.Answer{"HO-011": domain.AnswerPass, "HO-014": domain.AnswerNotApplicable} {
		answered.Item, answered.Answer = item, answer
		if _, err := c.Field.Answer(ctx, answered); err != nil {
			return err
		}
	}
	if err := doorDefect(ctx, c, a, inspection); err != nil {
		return err
	}
	if err := readingDefect(ctx, c, a, inspection); err != nil {
		return err
	}
	third, err := c.Field.NewDefectForm(a.Project, a.Unit, domain.StageHandover)
	if err != nil {
		return err
	}
	third.Room, third.Description = "BTH1", "地漏反"
	return c.Field.SaveDraft(ctx, third)
}

// doorDefect fails the entrance door; the form is prefilled from the item.
func doorDefect(ctx context.Context, c *core.Core, a assignment, inspection domain.InspectionID) error {
	result, err := c.Field.Answer(ctx, fieldwork.Answered{
		Project: a.Project, Inspection: inspection, Unit: a.Unit, Item: "HO-010", Room: "ENT1", Answer: domain.AnswerFail,
	})
	if err != nil {
		return err
	}
	form, err := c.Field.NewDefectForm(a.Project, a.Unit, domain.StageHandover)
	if err != nil {
		return err
	}
	lock, _ := c.Catalogue.Defect("DOR-02")
	form.Choose(lock.Code, lock.Element, lock.Trade, lock.Type, lock.Severity)
	form.Room, form.Description, form.Result, form.Inspection = "ENT1", "智能锁无法开启", result, inspection
	form.Pin = &domain.Pin{PlanID: a.Plan, X: 500_000, Y: 200_000}
	for _, path := range a.Photos {
		p, err := c.Field.Capture(ctx, path, photo.Meta{Zone: time.UTC})
		if err != nil {
			return err
		}
		form.Photos = append(form.Photos, p)
	}
	_, err = c.Field.RecordDefect(ctx, form)
	return err
}

// readingDefect fails a reading against its tolerance; its photo is missing,
// which warns and does not block.
func readingDefect(ctx context.Context, c *core.Core, a assignment, inspection domain.InspectionID) error {
	item, _ := c.Catalogue.Item("BOTH-015")
	verdict, err := item.Rule.Judge([]int64{3500}, nil)
	if err != nil {
		return err
	}
	result, err := c.Field.Answer(ctx, fieldwork.Answered{
		Project: a.Project, Inspection: inspection, Unit: a.Unit, Item: item.Code, Room: "LIV1",
		Answer: verdict.Answer, Readings: []int64{3500}, Verdict: verdict.Reason,
	})
	if err != nil {
		return err
	}
	form, err := c.Field.NewDefectForm(a.Project, a.Unit, domain.StageHandover)
	if err != nil {
		return err
	}
	hollow, _ := c.Catalogue.Defect("TIL-03")
	form.Choose(hollow.Code, hollow.Element, hollow.Trade, hollow.Type, hollow.Severity)
	form.Room, form.Result, form.Inspection, form.Readings = "LIV1", result, inspection, []int64{3500}
	_, err = c.Field.RecordDefect(ctx, form)
	return err
}
