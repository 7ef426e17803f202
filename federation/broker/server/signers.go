package server

import (
	"fmt"
	"sync"

	"exfed/certificate"
	"exfed/federation"
)

// maxSigners bounds the keys kept in memory: the signing key and what it was before.
const maxSigners = 4

// signers keeps the signing keys that were read from the key folder: reading one takes
// longer than signing with it. Which one signs is for the registry to say, each time.
type signers struct {
	keys federation.KeyStore

	mu     sync.Mutex
	loaded map[string]certificate.Pair // by thumbprint
}

func (s *signers) pair(thumbprint string) (certificate.Pair, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if pair, ok := s.loaded[thumbprint]; ok {
		return pair, nil
	}
	pair, err := s.keys.Load(thumbprint)
	if err != nil {
		return certificate.Pair{}, fmt.Errorf("signing key %s: %w", thumbprint, err)
	}
	if len(s.loaded) >= maxSigners {
		clear(s.loaded)
	}
	s.loaded[thumbprint] = pair
	return pair, nil
}
