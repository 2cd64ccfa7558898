package rules

import (
	"testing"

	"github.com/meshscenario/scenario/validate"
)

// TestContrastSeverities: how grave it is depends on what else the files hold, which the marks of examples do not tell.
func TestContrastSeverities(t *testing.T) {
	for _, c := range []struct {
		rule, example string
		want          validate.Severity
	}{
		{"MSH813", "bad-metrics.yaml", validate.Warning},
		{"MSH813", "bad-open-policy.yaml", validate.Warning},
		{"MSH813", "good-metrics.yaml", validate.Info},
		{"MSH813", "good-own-tls.yaml", validate.Info},
		{"MSH812", "bad-plain-pod.yaml", validate.Error},
		{"MSH812", "bad-no-sidecar.yaml", validate.Warning},
		{"MSH815", "bad.yaml", validate.Warning},
		{"MSH815", "bad-not-read.yaml", validate.Error},
		{"MSH864", "good-own-tls.yaml", validate.Info},
		{"MSH866", "bad-beside-ingress.yaml", validate.Info},
	} {
		f := exampleOf(t, c.rule, c.example)
		options, _ := readExample(t, exampleFiles{File: f})
		_, result := runExample(t, f.Data, options)
		found := false
		for _, one := range result.Findings {
			if one.Rule == c.rule {
				found = true
				if one.Severity != c.want {
					t.Errorf("%s %s: %s; want %s", c.rule, c.example, one.Severity, c.want)
				}
			}
		}
		if !found {
			t.Errorf("%s %s: not found", c.rule, c.example)
		}
	}
}
