package lint

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cloudflare/cfssl/config"
)

// TestSeeds looks at the configuration and the request of the published guide that users begin with.
func TestSeeds(t *testing.T) {
	shared := os.Getenv("SCENARIO_SHARED")
	if shared == "" {
		t.Skip("SCENARIO_SHARED is not set")
	}
	files, _ := filepath.Glob(filepath.Join(shared, "seeds", "000_*.txt"))
	if len(files) != 1 {
		t.Fatalf("the guide: %v", files)
	}
	guide, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	here := regexp.MustCompile(`(?s)cat >> (\S+\.json) << EOF\n(.*?)\nEOF\n`).FindAllSubmatch(guide, -1)
	want := map[string]string{
		"config_ca.json": "error cert-sign-without-ca signing.profiles.CA.usages; error open-profile signing.default; error published-key auth_keys.ca-auth.key",
		"csr_ca.json":    "warning ca-expiry ",
	}
	if len(here) != len(want) {
		t.Fatalf("%d files", len(here))
	}
	for _, h := range here {
		check(t, string(h[2]), want[string(h[1])])
	}
}

// TestExamples holds the configurations of cfssl's own tests against it: one that it refuses has an error, whatever the
// mistake.
func TestExamples(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/cloudflare/cfssl").Output()
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "config", "testdata", "*.json"))
	if len(files) < 10 {
		t.Fatalf("only %d examples", len(files))
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r, err := File(file, text, now)
		said := err != nil || strings.Contains(brief(r.Findings), "error ")
		refused := guard(func() error { _, err := config.LoadConfig(text); return err })
		if refused != nil && !said {
			t.Errorf("%s: cfssl says %v, and we %q", filepath.Base(file), refused, brief(r.Findings))
		}
	}
}
