package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/rotation"
	"keyturn/syncserver/api"
)

const rotateUsage = "usage: syncserver tls-rotate -data DIR -old-key OLD.pem -new-cert NEW.pem"

// tlsRotate lets the old TLS key name the new one, without a database: both may
// be a proxy's.
func tlsRotate(_ context.Context, args []string, out io.Writer, _ *slog.Logger) error {
	flags := flag.NewFlagSet("tls-rotate", flag.ContinueOnError)
	data := flags.String("data", defaultData, "data directory")
	oldFile := flags.String("old-key", "", "private key that the server serves with now (PEM); it is read, never copied")
	newFile := flags.String("new-cert", "", "certificate that it will serve with, or that one's key (PEM)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *oldFile == "" || *newFile == "" || flags.NArg() > 0 {
		return errors.New(rotateUsage)
	}
	old, err := readKey(*oldFile)
	if err != nil {
		return err
	}
	next, err := readPublic(*newFile)
	if err != nil {
		return err
	}
	path := filepath.Join(*data, api.RotationsFile)
	held, err := readChain(path)
	if err != nil {
		return err
	}
	chain, err := held.Next(rand.Reader, old, next, domain.At(time.Now()))
	switch {
	case errors.Is(err, rotation.ErrOrder):
		return fmt.Errorf("%w: -old-key is not the key %x with which %s ends; if that one is lost, move the file away and enrol the devices again that know only earlier keys",
			err, held.Last(), path)
	case err != nil:
		return err
	}
	file, err := chain.Encode()
	if err != nil {
		return err
	}
	if err := replaceFile(path, file); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	fmt.Fprintf(out, "%s leads to the key %x; now serve with it\n", path, chain.Last())
	return nil
}

// readChain reads and verifies the rotations so far.
func readChain(path string) (rotation.Chain, error) {
	file, err := api.ReadRotations(path)
	if err != nil {
		return rotation.Chain{}, fmt.Errorf("key rotations: %w", err)
	}
	chain, err := rotation.Decode(file)
	if err != nil {
		return rotation.Chain{}, fmt.Errorf("%s: %w", path, err)
	}
	return chain, nil
}

// maxPEM bounds a file of keys and certificates.
const maxPEM = 1 << 20

// errNoPEM says that a file holds nothing of what is looked for.
var errNoPEM = errors.New("holds no such PEM block, or an encrypted one")

// readPEM gives what the first block that parse knows becomes.
func readPEM[V any](path string, parse func(*pem.Block) (V, bool, error)) (v V, err error) {
	text, err := readUpTo(path, maxPEM)
	if err != nil {
		return v, err
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		v, known, err := parse(block)
		if err != nil {
			return v, fmt.Errorf("%s: %w", path, err)
		}
		if known {
			return v, nil
		}
	}
	return v, fmt.Errorf("%s %w", path, errNoPEM)
}

// readKey reads a private key.
func readKey(path string) (crypto.Signer, error) {
	return readPEM(path, privateKey)
}

func privateKey(b *pem.Block) (key crypto.Signer, known bool, err error) {
	var parsed any
	switch b.Type {
	case "PRIVATE KEY":
		parsed, err = x509.ParsePKCS8PrivateKey(b.Bytes)
	case "RSA PRIVATE KEY":
		parsed, err = x509.ParsePKCS1PrivateKey(b.Bytes)
	case "EC PRIVATE KEY":
		parsed, err = x509.ParseECPrivateKey(b.Bytes)
	default:
		return nil, false, nil
	}
	if err != nil {
		return nil, true, err
	}
	key, known = parsed.(crypto.Signer)
	return key, known, nil
}

// readPublic reads the public key of a certificate or of a key, as DER.
func readPublic(path string) (spki []byte, err error) {
	return readPEM(path, func(b *pem.Block) ([]byte, bool, error) {
		switch b.Type {
		case "CERTIFICATE": // the first is the server's own
			c, err := x509.ParseCertificate(b.Bytes)
			if err != nil {
				return nil, true, err
			}
			return c.RawSubjectPublicKeyInfo, true, nil
		case "PUBLIC KEY":
			return b.Bytes, true, nil
		}
		key, known, err := privateKey(b)
		if err != nil || !known {
			return nil, known, err
		}
		der, err := x509.MarshalPKIXPublicKey(key.Public())
		return der, true, err
	})
}

// replaceFile writes a file durably under another name and then gives it its
// own. Anybody may read it.
func replaceFile(path string, content []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if gone := os.Remove(f.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// warnOfKey says in the log if devices cannot follow to the key that is served,
// given as DER. Others still can connect, so the server serves all the same.
func warnOfKey(log *slog.Logger, path string, spki []byte) {
	chain, err := readChain(path)
	if err != nil {
		log.Error("devices cannot follow the server's TLS key", "error", err)
		return
	}
	if key := sha256.Sum256(spki); chain.Last() != nil && !bytes.Equal(key[:], chain.Last()) {
		log.Warn("the certificate's key is not the one that the TLS key rotations end with", "file", path,
			"key", hex.EncodeToString(key[:]), "expected", hex.EncodeToString(chain.Last()))
	}
}
