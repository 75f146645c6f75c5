package simtest

// mutants lists the protections. A text that moved must be found again here; a
// new protection gets a line.
var mutants = []mutant{
	{
		protection: "commit before answer", file: "syncserver/intake/engine.go", within: 200,
		text: "	if err != nil {\n		return nil, nil, fmt.Errorf(\"push of device",
		with: "	if err != nil && answers == nil {\n		return nil, nil, fmt.Errorf(\"push of device",
	},
	{
		protection: "synchronous=FULL", file: "shared/sqlitedb/sqlitedb.go", within: 100,
		text: `"_synchronous":  {"FULL"},`, with: `"_synchronous":  {"NORMAL"},`,
	},
	{
		protection: "dedupe: a repeated op is answered as before", file: "syncserver/intake/engine.go", within: 100,
		text: "case ops[0].Seq < b.device.NextSeq:", with: "case ops[0].Seq < b.device.NextSeq && false:",
	},
	{
		protection: "gap detection of the server", file: "syncserver/intake/engine.go", within: 1000,
		text: "if op.Seq != b.device.NextSeq+uint64(i) {", with: "if op.Seq < b.device.NextSeq+uint64(i) {",
	},
	{
		protection: "gap detection of the device", file: "app/localstore/pull.go", within: 100,
		text: "case epoch != p.Epoch || seq != p.PrevSeq:", with: "case epoch != p.Epoch:",
	},
	{
		protection: "base_seq: what was not seen is concurrent", file: "shared/merge/apply.go", within: 100,
		text: "open < 0 && (!known || seen(op, held))", with: "open < 0 && (!known || seen(op, held) || !mineWins)",
	},
	{
		protection: "base_seq counts in the epoch it was read in", file: "syncserver/intake/engine.go", within: 300,
		text: "if op.BaseSeq > 0 && b.counted != b.epoch {", with: "if op.BaseSeq > 0 && b.counted != b.epoch && false {",
	},
	{
		protection: "replay of pending edits over a page", file: "app/localstore/apply.go", within: 100,
		text: "		if pending[k] {\n			if err := t.replay", with: "		if pending[k] && len(changes) > 1000 {\n			if err := t.replay",
	},
	{
		protection: "purge when a scope is dropped", file: "app/localstore/pull.go", within: 100,
		text: `"DELETE FROM records WHERE scope = ?", s.String()); err != nil {`, with: `"DELETE FROM records WHERE scope = ? AND 0", s.String()); err != nil {`,
	},
	{
		protection: "a new epoch when a backup is restored", file: "syncserver/backup/restore.go", within: 100,
		text: "tx.SetMeta(ctx, intake.MetaEpoch, r.Epoch)", with: "tx.SetMeta(ctx, intake.MetaEpoch, r.Contents.Epoch)",
	},
	{
		protection: "a restored server gets forgotten ops again", file: "app/syncer/engine.go", within: 100,
		text: "t.Unanswer(ctx, f.NextSeq)", with: "t.Unanswer(ctx, f.NextSeq+1<<40)",
	},
	{
		protection: "a restored server is asked about photos again", file: "app/localstore/upload.go", within: 200,
		text: "UPDATE uploads SET confirmed = 0 WHERE confirmed <> 0", with: "UPDATE uploads SET confirmed = 0 WHERE confirmed > 1",
	},
	{
		protection: "CRC of a photo's chunks", file: "syncserver/api/blob.go", within: 300,
		text: "uint32(sum) != crc32.Checksum(chunk, castagnoli)", with: "uint32(sum) != crc32.Checksum(chunk, castagnoli) && len(chunk) == 0",
	},
	{
		protection: "hash of a whole photo", file: "syncserver/blobs/disk_append.go", within: 600,
		text: "if domain.Hash(h.Sum(nil)) != sha {", with: "if domain.Hash(h.Sum(nil)) == (domain.Hash{}) {",
	},
	{
		protection: "clamp of a wrong clock", file: "syncserver/intake/engine.go", within: 100,
		text: "op.HLC = syncproto.ClampHLC(", with: "_ = syncproto.ClampHLC(",
	},
	{
		protection: "counter row taken with the log entry", file: "syncserver/store/log.go", within: 50,
		text: "t.top().heads[s] = known[uint64]{value: seq + 1, dirty: true}", with: "t.top().heads[s] = known[uint64]{value: seq + 1}",
	},
	{
		protection: "running numbers of tickets are kept", file: "syncserver/store/log.go", within: 50,
		text: "t.top().numbers[series] = known[int64]{value: n + 1, dirty: true}", with: "t.top().numbers[series] = known[int64]{value: n + 1}",
	},
	{
		protection: "a cloned device is told", file: "syncserver/intake/engine.go", within: 200,
		text: "if !before.Is(body) {", with: "if len(body) == 0 && !before.Is(body) {",
	},
	{
		protection: "a fork hears what became of its work in review", file: "syncserver/intake/review_decide.go", within: 500,
		text: "tx.SharedBefore(ctx, d.ID, s.Device)", with: "0, error(nil)",
	},
	{
		protection: "a group applies wholly or not at all", file: "syncserver/intake/engine.go", within: 1000,
		text: "				return errRefused\n", with: "				return nil\n",
	},
	{
		protection: "rights end when they end", file: "syncserver/store/people.go", within: 100,
		text: "(g.valid_to = 0 OR g.valid_to > ?)", with: "(g.valid_to >= 0 OR g.valid_to > ?)",
	},
	{
		protection: "membership is checked at every write", file: "syncserver/intake/authorise.go", within: 100,
		text: "case !signedIn || len(caps) == 0:\n		return refuse(syncproto.CodeNoMember)", with: "case !signedIn || len(caps) == 0:\n		return nil",
	},
	{
		protection: "membership is checked at every read", file: "syncserver/intake/session.go", within: 800,
		text: "if s.Revoked || !slices.ContainsFunc(allowed", with: "if s.Revoked && !slices.ContainsFunc(allowed",
	},
	{
		protection: "a revoked device writes nothing", file: "syncserver/intake/engine.go", within: 200,
		text: "if b.device.RevokedAt.Set() && b.review == nil {", with: "if b.device.RevokedAt.Set() && b.review != nil {",
	},
	{
		protection: "fields of a later schema survive", file: "shared/merge/apply.go", within: 50,
		text: "r.Base, r.Fields, r.Stamps = stamp, fields, maps.Clone(r.Stamps)\n",
		with: "r.Base, r.Fields, r.Stamps = stamp, maps.Clone(fields), maps.Clone(r.Stamps)\n	maps.DeleteFunc(r.Fields, func(key uint64, _ syncproto.Value) bool { return key > 100 })\n",
	},
	{
		protection: "erased values do not come back", file: "syncserver/intake/engine.go", within: 2000,
		text: "op.Kind != syncproto.Commanded && held.Revives(op)", with: "op.Kind == syncproto.Commanded && held.Revives(op)",
	},
	{
		protection: "own edits win on the own screen", file: "shared/merge/apply.go", within: 400,
		text: "apply(r, op, max(r.Seq, 1), true)", with: "apply(r, op, max(r.Seq, 1), false)",
	},
	{
		protection: "an answered op stays on screen until it is pulled", file: "app/localstore/outbox.go", within: 200,
		text: "		if pulled {\n", with: "		if pulled || a.LogSeq > 0 {\n",
	},
}
