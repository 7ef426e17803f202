package xmlsec

// room hands out slices of one array after the other: the parts of a document are many and
// small, and they are kept or dropped together.
type room[T any] struct {
	expected int // how many are likely to be taken in all
	made     int // room for so many so far
	free     []T
}

// take returns n zero values that nobody else has, with no capacity beyond them.
func (r *room[T]) take(n int) []T {
	if n > len(r.free) {
		r.extend(n)
	}
	taken := r.free[:n:n]
	r.free = r.free[n:]
	return taken
}

// extend makes another array, for n at least: for as many as are expected yet, or, when there
// are more, for half of what there were. What a document claims to hold is not believed beyond a
// limit.
func (r *room[T]) extend(n int) {
	const least, most = 4, 128
	size := max(n, min(max(least, r.expected-r.made, r.made/2), most))
	r.made += size
	r.free = make([]T, size)
}
