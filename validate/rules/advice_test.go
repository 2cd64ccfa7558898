package rules

import (
	"strings"
	"testing"
)

// TestAdvice: what is said names whom the files show.
func TestAdvice(t *testing.T) {
	for _, c := range []struct{ rule, example, says string }{
		{"MSH201", "bad.yaml", "have it call http://api.partner.example"},
		{"MSH201", "bad-passthrough.yaml", "let gateway istio-egress/istio-egressgateway take the mesh's TLS off"},
		{"MSH329", "bad-shared-port.yaml", "and Service shop/orders has made port 8080 one of HTTP"},
	} {
		f := exampleOf(t, c.rule, c.example)
		options, _ := readExample(t, exampleFiles{File: f})
		_, result := runExample(t, f.Data, options)
		said := false
		for _, one := range result.Findings {
			said = said || one.Rule == c.rule && strings.Contains(one.Message+" "+one.Fix, c.says)
		}
		if !said {
			t.Errorf("%s %s: no finding says %q", c.rule, c.example, c.says)
		}
	}
}
