package xmlsec

// encrypted is an xenc:EncryptedData whose structure and algorithms are acceptable.
// Nothing has been decrypted.
type encrypted struct {
	method  EncryptionMethod
	key     encryptedKey
	content []byte
}

type encryptedKey struct {
	method  KeyEncryptionMethod
	digest  DigestMethod // of RSAOAEP
	keyInfo KeyInfo
	value   []byte
}

// readEncrypted reads XML Encryption §3.1: EncryptionMethod, a KeyInfo that holds one
// EncryptedKey and nothing else, CipherData. wrapped says that a secret wraps the key.
func readEncrypted(e *Element, allowed Algorithms, wrapped bool) (*encrypted, error) {
	if !e.Is(NamespaceEncryption, "EncryptedData") {
		return nil, e.malformed("%s is no EncryptedData", e.Name)
	}
	if kind, _ := e.Attribute("", "Type"); kind != typeElement {
		return nil, e.malformed("what is encrypted is not an element")
	}
	parts, err := structureOf(e, "Id", "Type")
	if err != nil {
		return nil, err
	}
	x := &encrypted{}
	if err := x.readMethod(&parts, allowed); err != nil {
		return nil, err
	}
	info, err := parts.take("KeyInfo")
	if err != nil {
		return nil, err
	}
	within, err := structureOf(info, "Id")
	if err != nil {
		return nil, err
	}
	key, err := within.takeFrom(NamespaceEncryption, "EncryptedKey")
	if err != nil {
		return nil, err
	}
	if err := x.key.read(key, allowed, wrapped); err != nil {
		return nil, err
	}
	if err := within.end(); err != nil {
		return nil, err
	}
	if x.content, err = readCipherData(&parts); err != nil {
		return nil, err
	}
	return x, parts.end()
}

func (x *encrypted) readMethod(from *structure, allowed Algorithms) error {
	e, err := from.takeFrom(NamespaceEncryption, "EncryptionMethod")
	if err != nil {
		return err
	}
	uri, _ := e.Attribute("", "Algorithm")
	x.method = EncryptionMethod(uri)
	if err := allowed.checkEncryption(x.method); err != nil {
		return err
	}
	parts, err := structureOf(e, "Algorithm")
	if err != nil {
		return err
	}
	return parts.end()
}

// read reads XML Encryption §3.5.1 without the parts that say what the key is for.
func (k *encryptedKey) read(e *Element, allowed Algorithms, wrapped bool) error {
	parts, err := structureOf(e, "Id", "Recipient")
	if err != nil {
		return err
	}
	if err := k.readMethod(&parts, allowed, wrapped); err != nil {
		return err
	}
	if info := parts.takeIf(NamespaceSignature, "KeyInfo"); info != nil {
		if k.keyInfo, err = readKeyInfo(info); err != nil {
			return err
		}
	}
	if k.value, err = readCipherData(&parts); err != nil {
		return err
	}
	return parts.end()
}

// readMethod reads the algorithm of the key and its one parameter, the digest of OAEP. A
// label or another mask generation function is refused.
func (k *encryptedKey) readMethod(from *structure, allowed Algorithms, wrapped bool) error {
	e, err := from.takeFrom(NamespaceEncryption, "EncryptionMethod")
	if err != nil {
		return err
	}
	uri, _ := e.Attribute("", "Algorithm")
	k.method = KeyEncryptionMethod(uri)
	if err := allowed.checkKeyEncryption(k.method, wrapped); err != nil {
		return err
	}
	parts, err := structureOf(e, "Algorithm")
	if err != nil {
		return err
	}
	if digest := parts.takeIf(NamespaceSignature, "DigestMethod"); digest != nil && !wrapped {
		uri, _ := digest.Attribute("", "Algorithm")
		if k.digest = DigestMethod(uri); k.digest.hash() == 0 {
			return failf(AlgorithmRefused, "digest algorithm %q of RSA-OAEP is not allowed", uri)
		}
	}
	return parts.end()
}

func readCipherData(from *structure) ([]byte, error) {
	e, err := from.takeFrom(NamespaceEncryption, "CipherData")
	if err != nil {
		return nil, err
	}
	parts, err := structureOf(e)
	if err != nil {
		return nil, err
	}
	value, err := parts.takeFrom(NamespaceEncryption, "CipherValue")
	if err != nil {
		return nil, err
	}
	octets, err := readBase64(value)
	if err != nil {
		return nil, err
	}
	return octets, parts.end()
}
