package xmlsec

// What a document may measure when Limits does not say.
const (
	DefaultBytes = 1 << 20
	DefaultDepth = 64
	DefaultNodes = 10_000
)

// maxNamespaceBytes bounds a namespace name. Canonicalization repeats a declaration
// at each element that needs it, so a long one would make a small document huge.
const maxNamespaceBytes = 1024

// maxDeclarations bounds the namespace declarations in scope of an element. Every
// prefix is looked for among them, so without a bound the cost of a document grows
// with the square of its size. Messages in use have a dozen.
const maxDeclarations = 64

// maxCanonicalGrowth is how many times as long as its document a signed element may be
// in canonical form. Declarations that are repeated could make it a thousand times.
const maxCanonicalGrowth = 2

// Limits bounds a document before anything is made of it. A zero field stands for
// the default of that field.
type Limits struct {
	Bytes int // size of the document
	Depth int // elements within elements, the root counting as 1
	Nodes int // elements, attributes, namespace declarations and texts together
}

func (l Limits) orDefaults() Limits {
	if l.Bytes == 0 {
		l.Bytes = DefaultBytes
	}
	if l.Depth == 0 {
		l.Depth = DefaultDepth
	}
	if l.Nodes == 0 {
		l.Nodes = DefaultNodes
	}
	return l
}
