package certificate

// ReadBundleWithin is ReadBundle with another bound for the work of deriving keys.
func ReadBundleWithin(data []byte, password string, iterations int) (Bundle, error) {
	found, err := readContents(data, &deriver{password: password, left: iterations})
	if err != nil {
		return Bundle{}, err
	}
	return found.bundle()
}

// ToDER is what BER goes through.
func ToDER(data []byte) ([]byte, error) { return toDER(data) }
