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
