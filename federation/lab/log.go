package lab

import (
	"encoding/json"
	"log/slog"
	"os"
	"sync"
)

// log is the log of an endpoint: a file, and of the last question about somebody's free/busy
// time why it was answered so.
type log struct {
	path string

	mu   sync.Mutex
	last string
}

func newLog(path string) *log { return &log{path: path} }

func (l *log) logger() *slog.Logger { return slog.New(slog.NewJSONHandler(l, nil)) }

// Write takes a line of the log.
func (l *log) Write(line []byte) (int, error) {
	var entry struct{ Explanation string }
	if err := json.Unmarshal(line, &entry); err == nil && entry.Explanation != "" {
		l.mu.Lock()
		l.last = entry.Explanation
		l.mu.Unlock()
	}
	file, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := file.Write(line)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return n, err
}

// explanation returns what the log says of the last question.
func (l *log) explanation() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}
