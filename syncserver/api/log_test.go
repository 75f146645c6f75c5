package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/accounts"
)

// A day of good and bad requests leaves no name, phone number, login, word or
// secret in the log, but request ids by which people can ask.
func TestNoPersonalDataInTheLog(t *testing.T) {
	w := newWorld(t)
	const login, name, password = "zhang.sample", "样例张三", "correct horse battery"
	const owner, phone, words = "样例李四", "13900009999", "门锁打不开 13900009999"
	person := w.person(login, name, "coordinator", password)
	code := w.code(person)
	enrol := w.json("/v1/enrol", `{"code":"`+code+`","device_name":"`+name+`的平板"}`, nil)
	var e accounts.Enrolled
	must(t, json.Unmarshal(enrol.body, &e))
	d := &device{w: w, Enrolled: e}

	bearer := http.Header{"Authorization": {"Bearer " + e.DeviceToken}}
	w.json("/v1/sessions", `{"login":"`+login+`","password":"`+password+`"}`, bearer).is(t, http.StatusOK, "")
	w.json("/v1/sessions", `{"login":"`+login+`","password":"wrong `+password+`"}`, bearer).is(t, http.StatusUnauthorized, "")
	w.json("/v1/sessions", `{"login":"`+login+`","password":13900009999}`, bearer).is(t, http.StatusBadRequest, "")
	w.json("/v1/enrol", `{"code":"`+code+`","device_name":"`+name+`"}`, nil).is(t, http.StatusUnauthorized, "")
	w.json("/v1/enrol", `{"code":"`+code+`","device_name":"`+strings.Repeat(name, 50)+`"}`, nil).is(t, http.StatusBadRequest, "")
	w.json("/v1/enrol", `{"code":"`+code+`","device_name":"`+name, nil).is(t, http.StatusBadRequest, "")

	ops := []syncproto.Op{
		d.op(domain.EntityHomeowner, domain.AnyID{1}, domain.Homeowner{Names: []string{owner}, Phone: phone}),
		d.op(domain.EntityDefect, domain.AnyID{2}, domain.Defect{Description: words}),
		d.op(domain.EntityParty, domain.AnyID{3}, domain.Party{Name: owner}), // refused
	}
	d.sync(&syncproto.Hello{Version: syncproto.Version, Device: d.Device, WallClock: w.now()}, &syncproto.Push{Ops: ops})
	bad := wire(t, &syncproto.Push{Ops: ops})
	d.call(http.MethodPost, "/v1/sync", bad[:len(bad)-2]).is(t, http.StatusBadRequest, "")
	d.call(http.MethodPost, "/v1/sync", append([]byte{0, 0, 0, 20}, owner+phone...)).is(t, http.StatusBadRequest, "")
	d.call(http.MethodGet, "/v1/sync", nil)
	b := []byte("a photo of " + owner)
	sha := hash(b)
	d.names(sha)
	d.put(sha, 0, len(b), b, "00000000").is(t, http.StatusUnprocessableEntity, "")
	d.upload(sha, b)
	d.call(http.MethodGet, "/v1/blobs/"+owner, nil).is(t, http.StatusBadRequest, "")
	w.call(http.MethodGet, "/v1/nothing?phone="+phone+"&token="+e.DeviceToken, nil, nil)
	must(t, w.store.Close())
	d.call(http.MethodPost, "/v1/sync", wire(t, &syncproto.Push{Ops: ops}))

	if found := w.leaks(login, name, password, owner, phone, "打不开", code, strings.ReplaceAll(code, "-", ""), e.DeviceToken, e.SessionToken); len(found) > 0 {
		t.Errorf("the log holds %q", found)
	}
	log := w.log.String()
	if lines := strings.Count(log, "\n"); lines < 8 || strings.Count(log, `"request":"`) < lines-1 {
		t.Errorf("%d lines, %d with a request id:\n%s", lines, strings.Count(log, `"request":"`), log)
	}
}
