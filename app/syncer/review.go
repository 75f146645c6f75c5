package syncer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// maxReviewPage is the largest piece of the review inbox that the device takes,
// in bytes.
const maxReviewPage = 2 << 20

// errLongReview says that a server sent more than any answer about reviews has.
var errLongReview = errors.New("the answer is too large")

// Reviews asks for what waits in a project's review inbox, newest first, behind
// the group that after names; nil asks from the beginning.
func (l *Link) Reviews(ctx context.Context, id localstore.Identity, project domain.ProjectID, after *syncproto.ReviewGroup) (page syncproto.ReviewPage, err error) {
	path := "/v1/projects/" + project.String() + "/reviews"
	if after != nil {
		path += "?after=" + url.QueryEscape(fmt.Sprintf("%s/%d", after.Device, after.First))
	}
	err = l.review(ctx, id, http.MethodGet, path, nil, &page)
	return page, err
}

// AcceptReview accepts the group of a device's ops that begins with first. The
// answer tells whether it was, or what stands against it.
func (l *Link) AcceptReview(ctx context.Context, id localstore.Identity, device domain.DeviceID, first uint64) (a syncproto.Answer, err error) {
	err = l.review(ctx, id, http.MethodPost, reviewPath(device, first)+"/accept", nil, &a)
	return a, err
}

// DiscardReview decides that such a group is never applied; its device shows the
// reason.
func (l *Link) DiscardReview(ctx context.Context, id localstore.Identity, device domain.DeviceID, first uint64, reason string) (a syncproto.Answer, err error) {
	body, err := json.Marshal(map[string]string{"reason": reason})
	if err != nil {
		return a, fmt.Errorf("review: %w", err)
	}
	err = l.review(ctx, id, http.MethodPost, reviewPath(device, first)+"/discard", body, &a)
	return a, err
}

func reviewPath(device domain.DeviceID, first uint64) string {
	return fmt.Sprintf("/v1/reviews/%s/%d", device, first)
}

// review sends a request about the inbox and reads its CBOR answer.
func (l *Link) review(ctx context.Context, id localstore.Identity, method, path string, body []byte, into any) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("review: %w", err)
		}
	}()
	u, err := url.Parse(id.Server)
	if err != nil {
		return err
	}
	l.trust.expects(u.Hostname(), id.ServerKey)
	r, err := l.request(ctx, id, method, path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := l.http.Do(r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		return refusal(resp)
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxReviewPage+1))
	if err != nil {
		return err
	}
	if len(answer) > maxReviewPage {
		return errLongReview
	}
	return syncproto.Unmarshal(answer, into)
}

// FetchReviewed downloads a blob that work in review names into the cache, for
// who decides on that work.
func (p *Photos) FetchReviewed(ctx context.Context, id localstore.Identity, device domain.DeviceID, first uint64, sha domain.Hash) error {
	defer p.Cache.lock(sha)()
	if p.Cache.Has(sha) {
		return nil
	}
	body, from, err := p.Link.stream(ctx, id, reviewPath(device, first)+"/blobs/"+sha.String(), p.Cache.begun(sha))
	if err != nil {
		return fmt.Errorf("download: %w", err)
	}
	if err := errors.Join(p.Cache.fill(sha, from, body), body.Close()); err != nil {
		return fmt.Errorf("download: %w", err)
	}
	p.Store.Ring()
	return nil
}
