package contrast

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// A verdict is a row of testdata/verdicts.txt.
type verdict struct {
	takes   map[Generation]bool
	in      Strings
	reading Strings // what both understand, where either takes it; legacy reads no admin port
}

// TestVerdicts holds what Parse accepts and refuses, and what it understands, against the sidecar's own parser: what we
// do not take is either not taken by the sidecar, or marked as stricter.
func TestVerdicts(t *testing.T) {
	rows, lines := readVerdicts(t)
	if len(rows) < 200 {
		t.Errorf("%d rows, want at least 200", len(rows))
	}
	if *update {
		updateVerdicts(t, rows, lines)
	}
	for i, row := range rows {
		for _, g := range Generations {
			in, want := row.in, row.reading
			if g == Legacy {
				in.AdminPort, want.AdminPort = "", ""
			}
			if diff := compare(g, in, row.takes[g], want); diff != "" {
				t.Errorf("line %d: %s", i+1, diff)
			}
		}
	}
}

// compare says where we and a sidecar differ about strings; "" where nowhere. The judges are of before 1.13, and do not
// take [Disabled] yet.
func compare(g Generation, in Strings, takes bool, reading Strings) string {
	config, err := g.Parse(in)
	faults := FaultsOf(err)
	if in.Ingress == Disabled && g != Legacy {
		if takes || faults[0].Kind != SaysDisabled || !faults[0].Stricter {
			return fmt.Sprintf("%q: want a judge of before 1.13, and a fault that says so", in)
		}
		return ""
	}
	switch {
	case faults.Crash() && takes:
		return fmt.Sprintf("%s takes %q, and we say it does not:\n%v", g, in, err)
	case !faults.Crash() && !takes:
		return fmt.Sprintf("%s does not take %q, and we say it does: %v", g, in, err)
	case takes && config.Strings() != reading:
		return fmt.Sprintf("%s understands %q as %q, and we as %q", g, in, reading, config.Strings())
	}
	return ""
}

// readVerdicts reads the table: rows by the index of their line.
func readVerdicts(t *testing.T) (map[int]verdict, []string) {
	t.Helper()
	data, err := os.ReadFile("testdata/verdicts.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	rows := map[int]verdict{}
	for i, line := range lines {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "\t")
		if len(cells) != 4 {
			t.Fatalf("line %d: %d cells", i+1, len(cells))
		}
		rows[i] = verdict{
			takes: map[Generation]bool{Current: cells[0] == "takes", Legacy: cells[1] == "takes"},
			in:    parseCell(t, cells[2]), reading: parseCell(t, cells[3]),
		}
	}
	return rows, lines
}

func updateVerdicts(t *testing.T, rows map[int]verdict, lines []string) {
	t.Helper()
	var order []int
	var current, legacy []question
	for i := range lines {
		if row, ok := rows[i]; ok {
			order, current = append(order, i), append(current, questionOf(row.in))
			in := row.in
			in.AdminPort = ""
			legacy = append(legacy, questionOf(in))
		}
	}
	now, then := ask(t, Current, current), ask(t, Legacy, legacy)
	for k, i := range order {
		row := rows[i]
		row.takes = map[Generation]bool{Current: now[k].OK, Legacy: then[k].OK}
		if row.reading = now[k].strings(); !now[k].OK {
			row.reading = then[k].strings()
		}
		rows[i] = row
		word := map[bool]string{true: "takes", false: "refuses"}
		lines[i] = word[now[k].OK] + "\t" + word[then[k].OK] + "\t" + formatCell(row.in) + "\t" + formatCell(row.reading)
	}
	if err := os.WriteFile("testdata/verdicts.txt", []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// parseCell reads what formatCell writes: ingress "…" egress "…" admin-port "…", those that are not empty.
func parseCell(t *testing.T, cell string) Strings {
	t.Helper()
	var s Strings
	for cell != "" {
		field, rest, _ := strings.Cut(cell, " ")
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			t.Fatalf("%s: %v", cell, err)
		}
		text, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("%s: %v", cell, err)
		}
		switch Field(field) {
		case InIngress:
			s.Ingress = text
		case InEgress:
			s.Egress = text
		case InAdminPort:
			s.AdminPort = text
		default:
			t.Fatalf("%s: no field %q", cell, field)
		}
		cell = strings.TrimPrefix(rest[len(quoted):], " ")
	}
	return s
}

func formatCell(s Strings) string {
	var cells []string
	for _, c := range []struct {
		field Field
		text  string
	}{{InIngress, s.Ingress}, {InEgress, s.Egress}, {InAdminPort, s.AdminPort}} {
		if c.text != "" {
			cells = append(cells, string(c.field)+" "+strconv.Quote(c.text))
		}
	}
	return strings.Join(cells, " ")
}
