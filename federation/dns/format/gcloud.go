package format

import (
	"fmt"
	"strings"
)

// gcloud writes a script for the Google Cloud CLI, which knows whole sets only.
func (w *writer) gcloud(zones []Zone) error {
	w.script(zones, "gcloud auth login")
	return each(zones, func(zone Zone) {
		w.line("\n# zone %s", zone.Apex)
		w.line(`zone=$(gcloud dns managed-zones list --filter='dnsName="%s." AND visibility=public' --format='value(name)')`, zone.Apex)
		w.line(`: "${zone:?no managed zone %s in this project}"`, zone.Apex)
	}, func(_ Zone, set Set) error {
		for _, e := range set.remove() {
			w.line("# removed: %s", e.label)
		}
		entries := set.whole()
		var values []string
		for _, e := range entries {
			w.line("# %s", e.label)
			values = append(values, e.zoneValue())
		}
		verb, content := "create", fmt.Sprintf(" --ttl=%d --rrdatas=%s", w.ttlOf(set), shellQuote(argumentList(values)))
		switch {
		case len(entries) == 0 && len(set.Live.Records) == 0:
			return nil
		case len(entries) == 0:
			verb, content = "delete", " --quiet"
		case len(set.Live.Records) > 0:
			verb = "update"
		}
		w.line(`gcloud dns record-sets %s %s --zone="$zone" --type=%s%s`, verb, shellQuote(set.Name+"."), set.Type, content)
		return nil
	})
}

// argumentList joins values as gcloud parts them: at commas, or at what stands between two ^ at
// the beginning ("gcloud topic escaping").
func argumentList(values []string) string {
	joined := strings.Join(values, ",")
	if !strings.HasPrefix(joined, "^") && strings.Count(joined, ",") == len(values)-1 {
		return joined
	}
	mark := ":"
	for i := 0; strings.Contains(joined, mark); i++ {
		mark = fmt.Sprintf(":%d:", i)
	}
	return "^" + mark + "^" + strings.Join(values, mark)
}
