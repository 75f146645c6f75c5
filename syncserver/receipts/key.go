package receipts

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"keyturn/shared/receipt"
	"keyturn/syncserver/store"
)

// Files in the data directory. The secret is readable by the server alone and
// holds the public keys too, so that one rename rotates both; the public keys
// lie beside it to be handed out.
const (
	SecretFile = "receipt.key"
	PublicFile = "receipt-keys.pem"
)

// metaServer names, in the database, the server whose key signs its receipts:
// several processes on one database must share one key.
const metaServer = "receipt_server"

// ErrForeignKey says that the data directory's key is not the one that signs for
// this database.
var ErrForeignKey = errors.New("this data directory has another receipt key than the one that signs for its database; " +
	"copy " + SecretFile + " from the server's other data directory or its backup, or, if it is lost, adopt the new key")

// signer reads the key, or makes it at first use. It is read each time, so that
// a rotation by another process counts at once.
func (i *Issuer) signer(ctx context.Context) (*receipt.Signer, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	s, err := i.load()
	if errors.Is(err, fs.ErrNotExist) {
		s, err = i.create()
	}
	if err != nil {
		return nil, fmt.Errorf("receipt key: %w", err)
	}
	return s, i.claim(ctx, s)
}

func (i *Issuer) load() (*receipt.Signer, error) {
	text, err := os.ReadFile(filepath.Join(i.Dir, SecretFile))
	if err != nil {
		return nil, err
	}
	s, err := receipt.DecodeSigner(text)
	if err != nil {
		return nil, err
	}
	return s, i.publish(s)
}

// create makes the first key. Of two processes that do so at once, one wins and
// both use its key.
func (i *Issuer) create() (*receipt.Signer, error) {
	s, err := receipt.NewSigner(rand.Reader, receipt.Central, i.Now())
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(i.Dir, 0o700); err != nil {
		return nil, err
	}
	err = i.save(s, os.Link) // unlike a rename, a link never replaces
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return i.load()
}

// save writes the secret durably and gives it its name.
func (i *Issuer) save(s *receipt.Signer, name func(from, to string) error) error {
	text, err := s.Encode()
	if err != nil {
		return err
	}
	return i.write(SecretFile, text, 0o600, name)
}

// publish brings the file of public keys up to date.
func (i *Issuer) publish(s *receipt.Signer) error {
	text, err := s.Keys.Encode()
	if err != nil {
		return err
	}
	held, err := os.ReadFile(filepath.Join(i.Dir, PublicFile))
	if err == nil && bytes.Equal(held, text) {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return i.write(PublicFile, text, 0o644, os.Rename)
}

// write makes a file whole and durable under another name first.
func (i *Issuer) write(name string, content []byte, mode fs.FileMode, give func(from, to string) error) (err error) {
	f, err := os.CreateTemp(i.Dir, name+".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if gone := os.Remove(f.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := give(f.Name(), filepath.Join(i.Dir, name)); err != nil {
		return err
	}
	return syncDir(i.Dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// claim ties the database to the key that signs for it first and refuses any
// other.
func (i *Issuer) claim(ctx context.Context, s *receipt.Signer) error {
	held, server := "", s.Keys.Server().String()
	read := func(tx *store.Tx) (err error) {
		held, err = tx.Meta(ctx, metaServer)
		return err
	}
	if err := i.Store.View(ctx, read); err != nil {
		return err
	}
	if held == "" {
		err := i.Store.Update(ctx, func(tx *store.Tx) error {
			if err := read(tx); err != nil || held != "" {
				return err
			}
			held = server
			return tx.SetMeta(ctx, metaServer, server)
		})
		if err != nil {
			return err
		}
	}
	if held != server {
		return ErrForeignKey
	}
	return nil
}

// Keys gives the public keys, making the first one if there is none.
func (i *Issuer) Keys(ctx context.Context) (receipt.Keys, error) {
	s, err := i.signer(ctx)
	if err != nil {
		return nil, err
	}
	return s.Keys, nil
}

// Rotate makes a new key, signed by the present one. Receipts that the present
// key has signed stay good.
func (i *Issuer) Rotate(ctx context.Context) (receipt.Keys, error) {
	s, err := i.signer(ctx)
	if err != nil {
		return nil, err
	}
	next, err := s.Rotate(rand.Reader, i.Now())
	if err != nil {
		return nil, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if err := errors.Join(i.save(next, os.Rename), i.publish(next)); err != nil {
		return nil, fmt.Errorf("rotate receipt key: %w", err)
	}
	return next.Keys, nil
}

// Adopt makes the data directory's key the one that signs for the database,
// after the former one was lost. Devices that know the former one refuse the new
// receipts until they enrol again.
func (i *Issuer) Adopt(ctx context.Context) (receipt.Keys, error) {
	err := i.Store.Update(ctx, func(tx *store.Tx) error { return tx.SetMeta(ctx, metaServer, "") })
	if err != nil {
		return nil, fmt.Errorf("adopt receipt key: %w", err)
	}
	return i.Keys(ctx)
}
