package waive

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

// A Baseline holds findings that were there before, so that only new ones count. A finding is known again by its rule,
// its object, its field and its message, wherever its lines and list items have moved; where just the words of the
// message have changed, as they may with any release, by the others.
type Baseline struct {
	counts map[Entry]int
}

// An Entry is one of a baseline.
type Entry struct {
	Rule   string `json:"rule"`
	Object string `json:"object,omitempty"`
	// File is that of a finding about no object.
	File    string `json:"file,omitempty"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// String writes the entry for people.
func (e Entry) String() string {
	return fmt.Sprintf("%s: %s: %s", e.Rule, cmp.Or(strings.TrimSpace(e.Object+" "+e.Field), e.File), e.Message)
}

var (
	spot  = regexp.MustCompile(`(\.(?:ya?ml|json)):\d+(?::\d+)?`)
	lines = regexp.MustCompile(`\b(lines?|columns?) \d+`)
	index = regexp.MustCompile(`\[\d+\]`)
)

// entryOf is what a finding is known by: nothing of it is a place that an edit elsewhere in the file would move.
func entryOf(f validate.Finding) Entry {
	message := strings.Join(strings.Fields(f.Message), " ")
	message = spot.ReplaceAllString(message, "$1")
	message = lines.ReplaceAllString(message, "$1")
	e := Entry{Rule: f.Rule, Field: index.ReplaceAllString(f.Field, "[]"), Message: index.ReplaceAllString(message, "[]")}
	if f.Object == (validate.Object{}) {
		e.File = strings.TrimPrefix(strings.ReplaceAll(f.File, `\`, "/"), "./")
	} else {
		e.Object = f.Object.String()
	}
	return e
}

// NewBaseline holds findings.
func NewBaseline(findings []validate.Finding) *Baseline {
	b := &Baseline{map[Entry]int{}}
	for _, f := range findings {
		b.counts[entryOf(f)]++
	}
	return b
}

// A line is one of the file of a baseline. The first has the version alone.
type line struct {
	Version int `json:"baseline,omitempty"`
	Entry
	Count int `json:"count,omitempty"`
}

// JSON writes the baseline: a JSON array with one finding a line, in order, each line beginning with its comma, so that
// changes of different findings are changes of different lines and merge.
func (b *Baseline) JSON() []byte {
	var out bytes.Buffer
	out.WriteString("[{\"baseline\":1}\n")
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	for _, entry := range slices.SortedFunc(maps.Keys(b.counts), compare) {
		out.WriteByte(',')
		_ = e.Encode(struct { // texts and a number always encode
			Entry
			Count int `json:"count"`
		}{entry, b.counts[entry]})
	}
	out.WriteString("]\n")
	return out.Bytes()
}

func compare(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Object, b.Object), cmp.Compare(a.File, b.File), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Message, b.Message))
}

// ReadBaseline reads what [Baseline.JSON] writes. An entry that is there twice, as after a merge, counts as often as the
// larger of the two says.
func ReadBaseline(name string, data []byte) (*Baseline, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var all []line
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("%s: this is no baseline: %w", name, err)
	}
	switch {
	case d.More():
		return nil, fmt.Errorf("%s: this is no baseline: something follows its end", name)
	case len(all) == 0 || all[0].Version == 0:
		return nil, fmt.Errorf("%s: this is no baseline: it does not begin with its version", name)
	case all[0].Version != 1:
		return nil, fmt.Errorf("%s: version %d of baselines is not known: update this program, or write the baseline anew", name, all[0].Version)
	}
	b := &Baseline{map[Entry]int{}}
	for i, l := range all[1:] {
		if l.Rule == "" || l.Count < 1 || l.Version != 0 {
			return nil, fmt.Errorf("%s: entry %d has no rule or no count", name, i+1)
		}
		b.counts[l.Entry] = max(b.counts[l.Entry], l.Count)
	}
	return b, nil
}

// Apply takes the findings away that the baseline holds, of equal ones as many as it counts. Fresh and known keep their
// order. Gone are the entries, in order, that are there no more, or fewer times: the baseline can be written anew.
func (b *Baseline) Apply(findings []validate.Finding) (fresh, known []validate.Finding, gone []Entry) {
	left := maps.Clone(b.counts)
	held := make([]bool, len(findings))
	for i, f := range findings {
		if e := entryOf(f); left[e] > 0 {
			left[e]--
			held[i] = true
		}
	}
	reworded := map[Entry][]Entry{}
	for _, e := range slices.SortedFunc(maps.Keys(left), compare) {
		for range left[e] {
			reworded[wordless(e)] = append(reworded[wordless(e)], e)
		}
	}
	for i, f := range findings {
		if key := wordless(entryOf(f)); !held[i] && len(reworded[key]) > 0 {
			left[reworded[key][0]]--
			reworded[key] = reworded[key][1:]
			held[i] = true
		}
		if held[i] {
			known = append(known, f)
		} else {
			fresh = append(fresh, f)
		}
	}
	for e, n := range left {
		if n > 0 {
			gone = append(gone, e)
		}
	}
	slices.SortFunc(gone, compare)
	return fresh, known, gone
}

// wordless is an entry without its message.
func wordless(e Entry) Entry {
	e.Message = ""
	return e
}
