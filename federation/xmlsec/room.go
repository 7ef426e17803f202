package xmlsec

// room hands out slices of one array after the other: the parts of a document are many and
// small, and they are kept or dropped together.
type room[T any] struct {
	size int // of an array, or more where more is wanted at once
	free []T
}

// take returns n zero values that nobody else has, with no capacity beyond them.
func (r *room[T]) take(n int) []T {
	if n > len(r.free) {
		r.free = make([]T, max(n, r.size))
	}
	taken := r.free[:n:n]
	r.free = r.free[n:]
	return taken
}
