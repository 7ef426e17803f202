package calendar

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"exfed/federation"
)

// FileOptions are those of the sources that read files. The zero value is ready to use.
type FileOptions struct {
	Limits Limits
	Now    func() time.Time // nil for the system's clock
}

func (o FileOptions) withDefaults() FileOptions {
	o.Limits = o.Limits.withDefaults()
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// files reads the same files again and again, and parses those that changed.
type files struct {
	object  string // what errors call them
	list    func() ([]string, error)
	lenient bool // a file that is no calendar is skipped, not an error
	options FileOptions

	mutex    sync.Mutex
	read     map[string]*readFile
	calendar *Calendar
}

// readFile is a file as it was when it was read.
type readFile struct {
	info    os.FileInfo
	settled bool // it was old enough then for a later change to show in its time
	objects []object
	fault   string
}

// NewFile is the source that is one file.
func NewFile(path string, options FileOptions) Source {
	return &files{object: fmt.Sprintf("calendar file %.260q", path), list: func() ([]string, error) { return []string{path}, nil }, options: options.withDefaults()}
}

// NewFolder is the source that is all files of a folder whose names end in .ics, those
// of its subfolders not included. One that is no calendar is skipped, see
// Calendar.Skipped; one that cannot be read is an error.
func NewFolder(path string, options FileOptions) Source {
	options = options.withDefaults()
	return &files{
		object: fmt.Sprintf("calendar folder %.260q", path), lenient: true, options: options,
		list: func() ([]string, error) { return icsFiles(path, options.Limits) },
	}
}

func icsFiles(folder string, limits Limits) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, unreadable(folder, err)
	}
	var out []string
	for _, entry := range entries {
		if strings.EqualFold(filepath.Ext(entry.Name()), ".ics") && !entry.IsDir() {
			out = append(out, filepath.Join(folder, entry.Name()))
		}
	}
	if len(out) > limits.Files {
		return nil, about(fmt.Sprintf("calendar folder %.260q", folder), tooLarge("has more than %d files", limits.Files))
	}
	return out, nil
}

func (f *files) Load(ctx context.Context) (*Calendar, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	paths, err := f.list()
	if err != nil {
		return nil, err
	}
	now, changed, err := f.loadAll(ctx, paths)
	if err != nil {
		return nil, err
	}
	if !changed && f.calendar != nil {
		return f.calendar, nil
	}
	joined, err := f.join(paths, now)
	if err != nil {
		return nil, err
	}
	f.calendar, f.read = joined, now
	return joined, nil
}

// loadAll returns the files as they are, and whether anything changed.
func (f *files) loadAll(ctx context.Context, paths []string) (now map[string]*readFile, changed bool, err error) {
	now, bytes := map[string]*readFile{}, int64(0)
	for _, path := range paths {
		if ctx.Err() != nil {
			return nil, false, interrupted(ctx)
		}
		one, again, err := f.load(path, int64(f.options.Limits.Bytes)-bytes)
		if f.lenient && federation.IsKind(err, federation.NotFound) {
			continue // it was there a moment ago
		}
		if err != nil {
			return nil, false, err
		}
		now[path] = one
		bytes += one.info.Size()
		changed = changed || again
	}
	return now, changed || len(now) != len(f.read), nil
}

func (f *files) join(paths []string, now map[string]*readFile) (*Calendar, error) {
	var objects []object
	var skipped []Skipped
	bytes := 0
	for _, path := range paths {
		one := now[path]
		if one == nil {
			continue
		}
		objects = append(objects, one.objects...)
		bytes += int(one.info.Size())
		if fault := one.fault; fault != "" {
			skipped = append(skipped, Skipped{Reason: fmt.Sprintf("file %.260q: %s", filepath.Base(path), fault)})
		}
	}
	c, err := build(objects, skipped, bytes, f.options.Limits)
	return c, about(f.object, err)
}

// load returns a file as it is, from memory if it did not change.
func (f *files) load(path string, limit int64) (one *readFile, changed bool, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, false, unreadable(path, err)
	}
	if old := f.read[path]; old != nil && old.settled && same(old.info, info) {
		return old, false, nil
	}
	data, info, err := readStable(path, limit)
	if err != nil {
		return nil, false, err
	}
	// A change within the same tick of the file system's clock would not show.
	one = &readFile{info: info, settled: f.options.Now().Sub(info.ModTime()) > 2*time.Second}
	one.objects, err = readObjects(data, f.options.Limits)
	if err != nil && !f.lenient {
		return nil, false, about(fmt.Sprintf("calendar file %.260q", path), err)
	}
	if err != nil {
		one.fault = err.Error()
	}
	return one, true, nil
}

func same(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

// readStable reads a file that nobody writes to meanwhile.
func readStable(path string, limit int64) ([]byte, os.FileInfo, error) {
	for range 3 {
		data, before, after, err := readOnce(path, limit)
		if err != nil {
			return nil, nil, err
		}
		if same(before, after) {
			return data, after, nil
		}
	}
	return nil, nil, federation.Errorf(federation.Unavailable, "CalendarFileBusy", fmt.Sprintf("calendar file %.260q", path), "is being written to; try again")
}

func readOnce(path string, limit int64) (data []byte, before, after os.FileInfo, err error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() { // a pipe would be waited for
		return nil, nil, nil, federation.Errorf(federation.Invalid, "CalendarFileUnreadable", fmt.Sprintf("calendar file %.260q", path), "is not a regular file; name an iCalendar file")
	}
	if err != nil {
		return nil, nil, nil, unreadable(path, err)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, nil, unreadable(path, err)
	}
	defer file.Close()
	if before, err = file.Stat(); err != nil {
		return nil, nil, nil, unreadable(path, err)
	}
	if data, err = io.ReadAll(io.LimitReader(file, limit+1)); err != nil {
		return nil, nil, nil, unreadable(path, err)
	}
	if int64(len(data)) > limit {
		return nil, nil, nil, about(fmt.Sprintf("calendar file %.260q", path), tooLarge("has more bytes than are allowed"))
	}
	if after, err = os.Stat(path); err != nil {
		return nil, nil, nil, unreadable(path, err)
	}
	return data, before, after, nil
}
