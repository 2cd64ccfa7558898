package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/traffic"
)

// summary writes a line for each request, client by client, and how many there are of each kind. Those of which nothing
// follows in full have their reason below.
func (p *printer) summary(t Trace, verbose bool) {
	counts := map[manner]int{}
	widest := 0
	var clients []string
	by := map[string][]traffic.Path{}
	for _, path := range t.Paths {
		from := path.Request.From
		if by[from] == nil {
			clients = append(clients, from)
		}
		by[from] = append(by[from], path)
		widest = max(widest, length(path.Request.To))
		counts[worst(path.Ways())]++
	}
	to := min(widest, p.width*3/5)
	for _, from := range clients {
		p.labelled(0, "from", from, bold)
		for _, path := range by[from] {
			p.request(path, to, !verbose)
		}
		p.line("")
	}
	var parts []string
	for _, one := range manners {
		if n := counts[one.of]; n > 0 {
			parts = append(parts, plural(n, one.one, one.many))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing to trace"}
	}
	p.labelled(0, plural(len(t.Paths), "request", "requests")+" on "+t.Target+":", strings.Join(parts, ", "), bold)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// worst is the manner that counts for a request whose ways part.
func worst(ways []traffic.Path) manner {
	found := arrives
	for _, m := range []manner{answered, denied, passes, unknown, fails} {
		for _, way := range ways {
			if mannerOf(way.Outcome.Code) == m {
				found = m
			}
		}
	}
	return found
}

// request is the line of one.
func (p *printer) request(path traffic.Path, to int, why bool) {
	ways := path.Ways()
	var b []string
	for _, way := range ways {
		text := brief(way)
		if len(ways) > 1 {
			text = fmt.Sprintf("%2d%s%%:%s%s", way.Share, tie, tie, text)
		}
		b = append(b, wrap(text, p.width-4-to-2)...)
	}
	mark, style := "?", ""
	switch worst(ways) {
	case arrives:
		mark, style = "✓", green
	case fails:
		mark, style = "✗", red
	case passes, answered, denied:
		mark = "!"
	}
	a := wrap(path.Request.To, to)
	for i := range max(len(a), len(b)) {
		begin := "    "
		if i == 0 {
			begin = "  " + mark + " "
		}
		p.line(p.styled(style, strings.TrimRight(begin+pad(nth(a, i), to)+"  "+nth(b, i), " ")))
	}
	if m := worst(ways); why && m != arrives && m != fails {
		for _, way := range ways {
			if mannerOf(way.Outcome.Code) == m {
				p.labelled(6, "", way.Outcome.Reason, "")
				break
			}
		}
	}
}

// brief is how a way ends, in a few words.
func brief(p traffic.Path) string {
	if p.Outcome.Code != traffic.Arrives {
		return fault(p.Outcome.Code)
	}
	all := legs(p)
	if len(all) == 0 {
		return "arrives"
	}
	last := all[len(all)-1]
	text := "arrives: " + layer(last.Wire, p.Request)
	switch {
	case p.Hops[len(p.Hops)-1].Wire.Layers > 1:
		return "arrives: TLS within TLS"
	case last.Wire.Layers > 1:
		text += " around the application's"
	case last.Wire.Mode == traffic.Plaintext:
		return "arrives in plaintext"
	case last.Wire.Mode == traffic.IstioMutual && last.Verify.Server.CA == "mesh" && outside(p):
		text += " outside the mesh"
	case last.Wire.Mode != traffic.Own && last.Verify.Server.CA == "":
		text += ", not verified"
	}
	if slices.ContainsFunc(all, func(h traffic.Hop) bool { return h.Wire.Mode == traffic.Plaintext }) {
		text += ", plaintext before"
	}
	return text
}
