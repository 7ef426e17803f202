package server_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"exfed/certificate"
)

// clock is a clock that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// zone is a resolver that answers what a test puts into it.
type zone struct {
	mu    sync.Mutex
	texts map[string][]string
	errs  map[string]error
}

func (z *zone) LookupTXT(ctx context.Context, name string) ([]string, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.texts[name], errors.Join(z.errs[name], ctx.Err())
}

func (z *zone) set(name string, texts ...string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.texts[name] = texts
}

func (z *zone) fail(name string, err error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.errs[name] = err
}

// memoryKeys is a key store in memory.
type memoryKeys struct{ pairs sync.Map }

func (k *memoryKeys) Save(pair certificate.Pair) error {
	k.pairs.Store(certificate.Thumbprint(pair.Certificate), pair)
	return nil
}

func (k *memoryKeys) Load(thumbprint string) (certificate.Pair, error) {
	pair, ok := k.pairs.Load(thumbprint)
	if !ok {
		return certificate.Pair{}, errors.New("no such key")
	}
	return pair.(certificate.Pair), nil
}

func (k *memoryKeys) Has(thumbprint string) bool { _, ok := k.pairs.Load(thumbprint); return ok }

func (k *memoryKeys) Delete(thumbprint string) error { k.pairs.Delete(thumbprint); return nil }

// lockedBuffer collects a log that several goroutines write.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
