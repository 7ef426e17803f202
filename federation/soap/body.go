package soap

import (
	"bytes"
	"io"
)

// ReadUpTo reads until the end, or most bytes. There is room from the start for as many as
// are announced, so that what was read already need not be moved, but for no more than a
// message has in use: who announces bytes need not send them.
func ReadUpTo(from io.Reader, most, announced int64) ([]byte, error) {
	const inUse = 16 << 10
	var read bytes.Buffer
	read.Grow(int(min(max(announced, 0), inUse)) + bytes.MinRead)
	_, err := read.ReadFrom(io.LimitReader(from, most))
	return read.Bytes(), err
}

// ReadBody is the body of a request that was read before somebody wants it. ReadRequest takes
// it as it is.
type ReadBody struct {
	data []byte
	end  error // with which the reading ended, io.EOF where nothing was wrong
	io.Closer
}

// NewReadBody returns the body of which data was read until the error, nil for none. Closing it
// closes closer.
func NewReadBody(data []byte, err error, closer io.Closer) *ReadBody {
	if err == nil {
		err = io.EOF
	}
	return &ReadBody{data: data, end: err, Closer: closer}
}

// Read implements io.Reader.
func (b *ReadBody) Read(p []byte) (int, error) {
	if len(b.data) == 0 {
		return 0, b.end
	}
	n := copy(p, b.data)
	b.data = b.data[n:]
	return n, nil
}

// readAll is ReadUpTo, but takes what was read already.
func readAll(from io.Reader, most, announced int64) ([]byte, error) {
	whole, ok := from.(*ReadBody)
	if !ok || int64(len(whole.data)) > most {
		return ReadUpTo(from, most, announced)
	}
	data := whole.data
	whole.data = nil
	if whole.end == io.EOF {
		return data, nil
	}
	return data, whole.end
}
