package syncer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"keyturn/app/localstore"
)

// MaxReceipt is the largest receipt that the device takes, in bytes.
const MaxReceipt = 20 << 20

// errLongReceipt says that a server sent more than any receipt has.
var errLongReceipt = errors.New("the receipt is too large")

// Receipt asks the server for its signed receipt of this device's ops from a
// number on. The bytes are the server's word; whether to believe them is the
// caller's to verify.
func (l *Link) Receipt(ctx context.Context, id localstore.Identity, from uint64) (file []byte, err error) {
	u, err := url.Parse(id.Server)
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	l.trust.expects(u.Hostname(), id.ServerKey)
	r, err := l.request(ctx, id, http.MethodGet, fmt.Sprintf("/v1/receipt?from=%d", from), nil)
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	resp, err := l.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("receipt: %w", refusal(resp))
	}
	if file, err = io.ReadAll(io.LimitReader(resp.Body, MaxReceipt+1)); err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	if len(file) > MaxReceipt {
		return nil, errLongReceipt
	}
	return file, nil
}
