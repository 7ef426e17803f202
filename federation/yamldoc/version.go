package yamldoc

import (
	"fmt"
	"strconv"

	"gopkg.in/yaml.v3"
)

// versionKey is the top-level key that says of which version a document is.
const versionKey = "version"

// A VersionError says that a document was written for a newer program.
type VersionError struct {
	Found     int // the version of the document
	Supported int // the newest version of the layout
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("version %d is newer than %d, the newest known", e.Found, e.Supported)
}

// checkVersion comes before everything else: what is wrong in a document of this
// version may be right in a newer one.
func checkVersion(root *yaml.Node, supported int) error {
	if root != nil && !isNull(root) && root.Kind != yaml.MappingNode {
		return Faults{faultAt(root, "", "is not a mapping; a document is made of `key: value` lines")}
	}
	value := fieldOf(root, versionKey)
	if value == nil {
		return Faults{{Line: 1, Column: 1, Message: fmt.Sprintf("%s is missing; the file begins with `version: %d`", versionKey, supported)}}
	}
	version, err := strconv.Atoi(value.Value)
	switch {
	case value.Kind != yaml.ScalarNode || value.ShortTag() != "!!int" || err != nil || version < 1:
		return Faults{faultAt(value, versionKey, "is not a version number")}
	case version > supported:
		return &VersionError{Found: version, Supported: supported}
	case root.Style&yaml.FlowStyle != 0:
		return Faults{faultAt(root, "", "the document stands in braces; write `key: value` lines")}
	}
	return nil
}
