package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keyturn/shared/bundle"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/receipt"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/accounts"
	"keyturn/syncserver/service"
)

// tablet is a device enrolled in a data directory by its command line.
type tablet struct {
	accounts.Enrolled
	t    *testing.T
	data string
}

func newTablet(t *testing.T) *tablet {
	t.Helper()
	d := &tablet{t: t, data: filepath.Join(t.TempDir(), "data")}
	succeed(t, "import", "-data", d.data, "-project", "Sample Court", "-locale", "en", "-apply", oneUnit(t))
	succeed(t, "person", "-data", d.data, "-project", "Sample Court", "-login", "a", "-name", "Sample Inspector")
	code := strings.TrimSpace(succeed(t, "enrol-code", "-data", d.data, "-login", "a"))
	d.with(func(s *service.Service) {
		var err error
		d.Enrolled, err = s.Accounts.Enrol(t.Context(), code, accounts.Newcomer{Name: "sample tablet"})
		must(t, err)
	})
	return d
}

func oneUnit(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list.csv")
	must(t, os.WriteFile(path, []byte("building,entrance,floor,unit,layout,fit-out,contract area\n1#,1,1,101,B,fitted,118.62\n"), 0o600))
	return path
}

// with runs work on the data directory while no command does.
func (d *tablet) with(work func(*service.Service)) {
	d.t.Helper()
	at := location{data: d.data}
	s, err := at.open(d.t.Context(), slog.New(slog.DiscardHandler))
	must(d.t, err)
	work(s)
	must(d.t, s.Close())
}

// export is a bundle of an answer, of something that no device may write, and
// of a photo with these bytes.
func (d *tablet) export(photo []byte) string {
	d.t.Helper()
	sha := domain.Hash(sha256.Sum256(photo))
	op := func(seq uint64, e domain.Entity, record any) syncproto.Op {
		fields, err := syncproto.Encode(record)
		must(d.t, err)
		return syncproto.Op{
			Device: d.Device, Seq: seq, Actor: d.Person, CapturedAt: 1, HLC: seq, Entity: e, ID: domain.AnyID{byte(seq)}, Kind: syncproto.Recorded,
			Scope: syncproto.Scope{Project: service.ProjectID("Sample Court"), Audience: domain.AudienceField}, Fields: fields, Schema: 1,
		}
	}
	var out bytes.Buffer
	header := bundle.Header{Device: d.Device, NextSeq: 1, AppVersion: "test", ExportedAt: 1_790_000_000_000}
	w, err := bundle.NewWriter(&out, header, bundle.SecretOf(d.DeviceToken), rand.Reader)
	must(d.t, err)
	must(d.t, w.Push(syncproto.Push{Ops: []syncproto.Op{
		op(1, domain.EntityResult, domain.Result{Item: "HO-011", Room: "LIV1", Answer: domain.AnswerPass}),
		op(2, domain.EntityTicket, domain.Ticket{UnitID: domain.UnitID{1}}),
		op(3, domain.EntityAttachment, domain.Attachment{State: domain.AttachmentPending, Kind: domain.KindPhoto, SHA256: sha, Bytes: int64(len(photo))}),
	}}))
	must(d.t, w.Photo(bundle.Photo{SHA256: sha, Bytes: int64(len(photo)), Op: 3}, bytes.NewReader(photo)))
	_, err = w.Close()
	must(d.t, err)
	path := filepath.Join(d.t.TempDir(), "sample.bundle")
	must(d.t, os.WriteFile(path, out.Bytes(), 0o600))
	return path
}

// says wants all texts in an output.
func says(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			t.Errorf("%q is missing in\n%s", text, out)
		}
	}
}

func TestBundleCommand(t *testing.T) {
	t.Parallel()
	d := newTablet(t)
	photo := bytes.Repeat([]byte("sample picture "), 50_000)
	path := d.export(photo)
	holds := []string{d.Device.String(), "sample tablet", "3 records from op 1 on and 1 photos, 750000 bytes"}
	says(t, succeed(t, "bundle", "-data", d.data, "-check", path), holds...)
	says(t, succeed(t, "bundle", "-data", d.data, path), append(holds,
		"records: 2 applied, 0 applied with a conflict, 0 here before, 1 rejected, 0 in review", "op 2 rejected: server_only",
		"photos: 1 stored, 0 here before, 0 of no accepted record")...)
	says(t, succeed(t, "bundle", "-data", d.data, path), "0 applied, 0 applied with a conflict, 2 here before, 1 rejected", "photos: 0 stored, 1 here before")

	b, err := os.ReadFile(path)
	must(t, err)
	cut := filepath.Join(t.TempDir(), "cut.bundle")
	must(t, os.WriteFile(cut, b[:len(b)/2], 0o600))
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"bundle", "-data", d.data}, "usage"},
		{[]string{"bundle", "-data", d.data, filepath.Join(t.TempDir(), "nowhere")}, "nowhere"},
		{[]string{"bundle", "-data", d.data, cut}, bundle.ErrTruncated.Error()},
		{[]string{"bundle", "-data", filepath.Join(t.TempDir(), "another"), path}, service.ErrUnknownDevice.Error()},
	} {
		code, out, errs := runCommand(t, c.args...)
		if code != exitFailed || !strings.Contains(errs, c.says) || out != "" {
			t.Errorf("%v: exit code %d: %s%s", c.args, code, out, errs)
		}
	}
}

func TestReceiptCommands(t *testing.T) {
	t.Parallel()
	d := newTablet(t)
	photo := []byte("sample picture")
	succeed(t, "bundle", "-data", d.data, d.export(photo))
	file := filepath.Join(t.TempDir(), "sample.receipt")
	d.with(func(s *service.Service) {
		b, err := s.Receipts.Issue(t.Context(), d.Device, 1)
		must(t, err)
		must(t, os.WriteFile(file, b, 0o600))
	})
	keys := filepath.Join(t.TempDir(), "keys.pem")
	printed := succeed(t, "receipt-key", "-data", d.data)
	must(t, os.WriteFile(keys, []byte(printed), 0o600))
	if strings.Contains(printed, "PRIVATE") {
		t.Fatal("the secret is printed")
	}
	// From here on nothing but the two files is needed.
	must(t, os.RemoveAll(d.data))
	counts := []string{"VALID", "CENTRAL server", d.Device.String(), "covers     ops 1 to 3", "3 held: 2 applied, 0 applied with a conflict, 1 rejected, 0 in review", "photos     1 held, 14 bytes; 0 named but not yet here"}
	sum := sha256.Sum256(photo)
	lines := []string{"result", "ticket", "attachment", hex.EncodeToString(sum[:])}
	out := succeed(t, "verify-receipt", "-keys", keys, file)
	says(t, out, append(counts, lines...)...)
	brief := succeed(t, "verify-receipt", "-keys", keys, "-brief", file)
	says(t, brief, counts...)
	if strings.Contains(brief, lines[3]) {
		t.Error("brief lists everything")
	}

	b, err := os.ReadFile(file)
	must(t, err)
	changed, strange := filepath.Join(t.TempDir(), "changed.receipt"), filepath.Join(t.TempDir(), "strange.pem")
	b[bytes.Index(b, sum[:])] ^= 1
	must(t, os.WriteFile(changed, b, 0o600))
	must(t, os.WriteFile(strange, []byte(succeed(t, "receipt-key", "-data", filepath.Join(t.TempDir(), "another"))), 0o600))
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"verify-receipt", "-keys", keys}, "usage"},
		{[]string{"verify-receipt", "-keys", filepath.Join(t.TempDir(), "nowhere"), file}, "nowhere"},
		{[]string{"verify-receipt", "-keys", file, file}, "bad receipt keys"},
		{[]string{"verify-receipt", "-keys", keys, changed}, "NOT valid: " + receipt.ErrSignature.Error()},
		{[]string{"verify-receipt", "-keys", strange, file}, "NOT valid: " + receipt.ErrUntrusted.Error()},
		{[]string{"verify-receipt", "-keys", keys, keys}, "NOT valid"},
		{[]string{"receipt-key", "-data", d.data, "-rotate", "-adopt"}, "usage"},
	} {
		code, out, errs := runCommand(t, c.args...)
		if code != exitFailed || !strings.Contains(errs, c.says) || out != "" {
			t.Errorf("%v: exit code %d: %s%s", c.args, code, out, errs)
		}
	}
}

// After a rotation old receipts verify with the new list, and new ones with the
// old list, which leads to the new key.
func TestRotateCommand(t *testing.T) {
	t.Parallel()
	d := newTablet(t)
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	issue := func(name string) string {
		var b []byte
		d.with(func(s *service.Service) {
			var err error
			b, err = s.Receipts.Issue(t.Context(), d.Device, 1)
			must(t, err)
		})
		return write(name, string(b))
	}
	oldKeys, oldReceipt := write("old.pem", succeed(t, "receipt-key", "-data", d.data)), issue("old.receipt")
	newKeys, newReceipt := write("new.pem", succeed(t, "receipt-key", "-data", d.data, "-rotate")), issue("new.receipt")
	for _, keys := range []string{oldKeys, newKeys} {
		for _, file := range []string{oldReceipt, newReceipt} {
			says(t, succeed(t, "verify-receipt", "-keys", keys, file), "VALID", "covers     nothing")
		}
	}
	if b, err := os.ReadFile(newKeys); err != nil || strings.Count(string(b), "BEGIN") != 2 || !strings.Contains(string(b), "Valid-Until") {
		t.Errorf("%s, %v", b, err)
	}
}

// What a relay signs says so in words that nobody misses.
func TestRelaysReceiptIsPrintedAsSuch(t *testing.T) {
	t.Parallel()
	hub, err := receipt.NewSigner(rand.Reader, receipt.Relay, 1)
	must(t, err)
	b, err := hub.Seal(receipt.Receipt{Device: ident.Derive[domain.Device]("tablet"), From: 1})
	must(t, err)
	text, err := hub.Keys.Encode()
	must(t, err)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "keys"), text, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "receipt"), b, 0o600))
	out := succeed(t, "verify-receipt", "-keys", filepath.Join(dir, "keys"), filepath.Join(dir, "receipt"))
	says(t, out, "RELAY", "NOT a confirmation by the central server")
	if strings.Contains(out, "CENTRAL") {
		t.Error(out)
	}
}
