package publish_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"exfed/federation/publish"
)

func TestPictures(t *testing.T) {
	folder := os.Getenv("PICTURES")
	if folder == "" {
		t.Skip("no folder")
	}
	b := startBrowser(t, map[string]publish.Calendar{"sales": sales(t)})
	for _, view := range []string{"month", "week"} {
		for _, width := range []int{320, 800, 1280} {
			for _, dark := range []bool{false, true} {
				q := question{URL: "/sales?day=2026-11-30&tz=Europe/Berlin&view=" + view, Ask: "picture", Width: width, Dark: dark,
					File: filepath.Join(folder, fmt.Sprintf("%s-%d-%v.png", view, width, dark))}
				b.ask(t, q)
			}
		}
	}
}
