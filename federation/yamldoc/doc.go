// Package yamldoc reads and edits YAML documents that people edit too.
//
// A Document is parsed once, strictly: one document per file, known keys only, no
// anchors, aliases, merge keys or tags, and every fault is reported with its path,
// line and column. An edit changes only the lines of the fields that changed; all
// other bytes, comments and blank lines included, stay as they are. Every edited
// document is parsed again and compared with what was intended before it is handed
// back.
//
// It is the only package that knows the YAML module.
package yamldoc
