package apiserver

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/conformance/apiserver/plane"
)

// A verdict is what package schema says of an object: why the API server of a target should refuse it, if it should.
type verdict struct {
	Target  string
	Object  plane.Object
	Refused []string
}

// agree holds what package schema says of good and bad objects against the API server: each is refused by both or by
// neither. That Istio's own webhook would refuse one is not seen here.
func agree(t *testing.T, p *plane.Plane, objects []verdict) {
	made := map[string]bool{}
	refused, skipped := 0, 0
	for _, v := range objects {
		if missingCRDs(v.Object) != "" {
			skipped++
			continue
		}
		if ns := v.Object.Namespace(); ns != "" && !made[ns] {
			made[ns] = true
			if err := p.CreateNamespace(ns); err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := p.Delete(namespace(ns)); err != nil {
					t.Error(err)
				}
			}()
		}
		err := p.TryCreate(v.Object)
		if (err != nil) != (len(v.Refused) > 0) {
			t.Errorf("%s\n  schema: %q\n  server: %v", asJSON(v.Object), v.Refused, err)
		}
		if err != nil {
			refused++
		}
	}
	t.Logf("%d objects, %d refused, %d skipped for want of CRDs", len(objects), refused, skipped)
}

// verdicts has the product's own tests write them down. They come by target.
func verdicts(t *testing.T) map[string][]verdict {
	t.Helper()
	file := filepath.Join(t.TempDir(), "verdicts")
	command := exec.Command("go", "test", "-C", "../..", "-vet=off", "-count=1", "-run", "TestWrite", "./schema", "-args", "-write", file)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if _, err := output(command); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	by, n := map[string][]verdict{}, 0
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var v verdict
		d := json.NewDecoder(strings.NewReader(lines.Text()))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		by[v.Target] = append(by[v.Target], v)
		n++
	}
	if n < 800 {
		t.Fatalf("%d verdicts: %v", n, lines.Err())
	}
	return by
}
