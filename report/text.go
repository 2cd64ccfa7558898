package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/traffic"
)

// Text writes paths for people: of each request a table of its hops, what each sends and whose word that is, and a
// sentence that says how it ends. Several requests begin with a table of them, and of those only the ones that fail
// follow in full, unless all are asked for. No line is longer than the width, and no name is cut: what does not fit goes
// on in the next line.
//
// What is a matter of course is left out: the final .svc.cluster.local, the SNI that Istio makes up for a service, and
// that mutual TLS of the mesh shows the mesh's certificate.
func Text(w io.Writer, t Trace, o Options) error {
	p := &printer{width: max(cmp.Or(o.Width, 80), Narrowest), color: o.Color, files: shortFiles(t.Paths)}
	if t.Several {
		p.summary(t, o.Verbose)
	}
	for i, path := range t.Paths {
		if t.Several && !o.Verbose && !slices.ContainsFunc(path.Ways(), failing) {
			continue
		}
		if t.Several || i > 0 {
			p.line("")
		}
		p.path(t.Target, path)
	}
	_, err := w.Write(p.Bytes())
	return err
}

func failing(p traffic.Path) bool { return mannerOf(p.Outcome.Code) == fails }

// A printer keeps lines within a width.
type printer struct {
	bytes.Buffer
	width int
	color bool
	files map[string]string // as they are shown
}

// shortFiles are the files of decisions by their base names, where that is one file's only.
func shortFiles(paths []traffic.Path) map[string]string {
	files := map[string]string{}
	of := map[string]string{}
	for _, path := range paths {
		for _, way := range path.Ways() {
			for _, h := range way.Hops {
				for _, d := range h.DecidedBy {
					base := filepath.Base(d.File)
					if other, taken := of[base]; taken && other != d.File {
						files[d.File], files[other] = d.File, other
					} else if !taken {
						of[base], files[d.File] = d.File, base
					}
				}
			}
		}
	}
	files["-"] = "stdin"
	return files
}

// The styles of a terminal.
const (
	bold  = "1"
	dim   = "2"
	red   = "31"
	green = "32"
)

func (p *printer) styled(style, s string) string {
	if !p.color || style == "" || s == "" {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

func (p *printer) line(s string) { p.WriteString(strings.TrimRight(s, " ") + "\n") }

// labelled writes a text behind a label that begins at a column; the text goes on below itself.
func (p *printer) labelled(column int, label, text, style string) {
	if label != "" {
		label += " "
	}
	p.block(column, label, wrap(text, p.width-column-length(label)), style)
}

// block writes lines, the first behind a label, the others below it.
func (p *printer) block(column int, label string, lines []string, style string) {
	indent := strings.Repeat(" ", column)
	for i, l := range lines {
		if i == 1 {
			indent, label = indent+strings.Repeat(" ", length(label)), ""
		}
		p.line(indent + p.styled(style, label+l))
	}
}

// path writes one request's.
func (p *printer) path(target string, path traffic.Path) {
	p.header(target, path.Request)
	ways := path.Ways()
	for i, way := range ways {
		if len(ways) > 1 {
			if i > 0 {
				p.line("")
			}
			p.line(p.styled(bold, strconv.Itoa(way.Share)+" % of them:"))
		}
		p.hops(way)
		p.line("")
		style := map[manner]string{arrives: green, fails: red}[mannerOf(way.Outcome.Code)]
		p.labelled(0, sign(way), closing(way), style)
	}
	if text := together(ways); text != "" {
		p.line("")
		p.labelled(0, "in all:", text, "")
	}
	for _, a := range path.Assumed {
		p.labelled(0, "assumed:", a, "")
	}
	const most = 8
	for i, n := range path.NotRead {
		if more := len(path.NotRead) - most; i == most && more > 1 {
			p.labelled(0, "not followed:", fmt.Sprintf("and %d more; JSON names them all", more), "")
			break
		}
		p.labelled(0, "not followed:", n, "")
	}
}

// sign is what begins a line about a way.
func sign(p traffic.Path) string {
	switch mannerOf(p.Outcome.Code) {
	case arrives:
		return "✓"
	case fails:
		return "✗"
	case unknown:
		return "?"
	}
	return "!"
}

// header says what was asked.
func (p *printer) header(target string, r traffic.Request) {
	parts := []string{"from " + r.From, "to " + r.To, "on " + target}
	if r.Credential != "" {
		parts = slices.Insert(parts, 2, "with "+r.Credential)
	}
	if r.Host != "" {
		parts = slices.Insert(parts, 2, "as "+r.Host)
	}
	if one := clean(strings.Join(parts, "   ")); length(one) <= p.width {
		p.line(p.styled(bold, one))
		return
	}
	for _, part := range parts {
		label, text, _ := strings.Cut(part, " ")
		p.labelled(0, pad(label, 4), text, bold)
	}
}

// together says what share arrives, where ways part.
func together(ways []traffic.Path) string {
	shares := map[manner]int{}
	for _, way := range ways {
		shares[mannerOf(way.Outcome.Code)] += way.Share
	}
	if len(shares) < 2 {
		return ""
	}
	var parts []string
	for _, one := range manners {
		if share := shares[one.of]; share > 0 {
			parts = append(parts, fmt.Sprintf("%d %% %s", share, one.many))
		}
	}
	return strings.Join(parts, ", ")
}

// The columns of the table of hops, each followed by two spaces, and where the next one begins.
const (
	hopColumn   = 3
	whereColumn = 11
	beforeWhere = hopColumn + 2
	beforeSends = beforeWhere + whereColumn + 2
)

// A row is what of a hop stands in the columns that share what is left of the width.
type row struct{ sends, wire string }

// hops writes the table.
func (p *printer) hops(way traffic.Path) {
	hops := shown(way)
	last := len(hops) - 1
	rows := make([]row, len(hops))
	for i, h := range hops {
		rows[i] = row{sendsTo(h, way.Request), wire(h, way.Request)}
		if i == last && way.Outcome.Code != traffic.Arrives && h.Wire.Mode == "" {
			rows[i].wire = sign(way) + tie + fault(way.Outcome.Code)
		}
	}
	left := p.width - beforeSends - 2
	sends := columnFor(rows, left)
	p.line("hop  " + pad("where", whereColumn) + "  " + pad("sends to", sends) + "  on the wire")
	before := withoutPort(cmp.Or(way.Request.Host, host(way.Request)))
	for i, h := range hops {
		if h.Mesh != "" && (i == 0 || hops[i-1].Mesh == "") {
			p.line(p.styled(bold, strings.Repeat(" ", beforeWhere)+"── "+traffic.Called(h.Mesh)+" ──"))
		}
		begin, style := fmt.Sprintf("%3d  ", i+1), ""
		if i == last && failing(way) {
			begin, style = fmt.Sprintf("✗%2d  ", i+1), red
		}
		begin += pad(h.Proxy, whereColumn) + "  "
		a, b := wrap(rows[i].sends, sends), wrap(rows[i].wire, left-sends)
		for j := range max(len(a), len(b)) {
			p.line(p.styled(style, strings.TrimRight(begin+pad(nth(a, j), sends)+"  "+nth(b, j), " ")))
			begin = strings.Repeat(" ", beforeSends)
		}
		p.details(h, way, before)
		if i == last && failing(way) && h.Wire.Mode != "" {
			p.detail("fails", fault(way.Outcome.Code), red)
		}
		p.decisions(h.DecidedBy)
		before = cmp.Or(withoutPort(h.Destination.Authority), before)
	}
}

// columnFor is the width of the column of destinations with which the rows take the fewest lines and break the fewest
// names, of what the two columns have together.
func columnFor(rows []row, left int) int {
	cost := func(sends int) int {
		total := 0
		for _, r := range rows {
			a, x := wrapCost(r.sends, sends)
			b, y := wrapCost(r.wire, left-sends)
			total += 10*max(len(a), len(b)) + x + y
		}
		return total
	}
	widest := len("sends to")
	for _, r := range rows {
		widest = max(widest, length(r.sends))
	}
	best := min(widest, left*3/5)
	least := cost(best)
	for width := best - 1; width >= left/3; width-- {
		if c := cost(width); c < least {
			best, least = width, c
		}
	}
	return best
}

// shown are the hops without the application behind its own sidecar, of which the sidecar's hop has said all.
func shown(way traffic.Path) []traffic.Hop {
	last := len(way.Hops) - 1
	if last > 0 && !failing(way) && way.Hops[last].Proxy == traffic.Workload && way.Hops[last-1].Inward() {
		return way.Hops[:last]
	}
	return way.Hops
}

// detail writes a line below a hop's.
func (p *printer) detail(label, text, style string) {
	if text != "" {
		p.labelled(beforeWhere, pad(label, whereColumn+1), text, style)
	}
}

// details writes what is below a hop's line. before is the Host header that came.
func (p *printer) details(h traffic.Hop, way traffic.Path, before string) {
	if h.Workload != way.Request.From {
		p.detail("name", h.Workload, "")
	}
	p.detail("takes off", takesOff(h.Terminates), "")
	if d := h.Destination; d.Host != "" && d.Address != d.Host {
		p.detail("dials", d.Address, "")
	}
	if a := h.Destination.Authority; !strings.EqualFold(withoutPort(a), before) {
		p.detail("Host", a, "")
	}
	p.detail("server", server(h), "")
	p.detail("shows", shows(h), "")
	p.detail("waits", h.Delay, "")
	for _, m := range h.Mirrors {
		p.detail("copy to", m, "")
	}
	for _, n := range h.NotRead {
		p.detail("not followed", n, "")
	}
}

// decisions writes objects with their places, each object once.
func (p *printer) decisions(list []traffic.Decision) {
	type object struct{ name, file string }
	var objects []object
	lines := map[object][]string{}
	for _, d := range list {
		o := object{strings.Replace(d.String(), " ", bond, 1), d.File}
		if _, known := lines[o]; !known {
			objects = append(objects, o)
			lines[o] = nil
		}
		if line := strconv.Itoa(d.Line); d.Line > 0 && !slices.Contains(lines[o], line) {
			lines[o] = append(lines[o], line)
		}
	}
	for i, o := range objects {
		label, text := "", o.name+" (assumed)"
		if i == 0 {
			label = "decided by"
		}
		if o.file != "" {
			text = o.name // of a cluster, the name says where it is
		}
		if len(lines[o]) > 0 {
			text += " " + p.files[o.file] + ":" + strings.Join(lines[o], ",")
		}
		p.block(beforeWhere, pad(label, whereColumn+2), wrapHanging(text, p.width-beforeSends, 2), dim)
	}
}
