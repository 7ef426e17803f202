package certificate

// KeyStore keeps private keys in a folder.
type KeyStore struct {
	Dir        string
	Checkpoint func(step string) error
}

// Save writes the pair.
func (s *KeyStore) Save(pair Pair) error { return nil }

// Load returns the pair of a thumbprint.
func (s *KeyStore) Load(thumbprint string) (Pair, error) { return Pair{}, nil }

// Has reports whether there is a key for the thumbprint.
func (s *KeyStore) Has(thumbprint string) bool { return false }

// Delete removes the key of the thumbprint; deleting what is not there does nothing.
func (s *KeyStore) Delete(thumbprint string) error { return nil }

// List returns the thumbprints of all keys in order.
func (s *KeyStore) List() ([]string, error) { return nil, nil }
