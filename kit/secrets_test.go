package kit

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/scenarios"
)

// TestSecretsFail: apply.sh stops when the Secrets were not made, whichever of the three programs in a row has failed, even
// if those behind it were content with less.
func TestSecretsFail(t *testing.T) {
	dir := write(t, kitOf(t, scenarios.Cell{Scenario: "1b", Encryption: "mutual", Target: "ossm-2.6"}))
	for failing, want := range map[string]bool{"": true, "secret": false, "annotate": false, "apply": false} {
		work := t.TempDir()
		cli := `#!/bin/sh
for word in "$@"; do
  [ "$word" != "$FAILING" ] || { [ "$word" = apply ] && case "$*" in *" -f -"*) ;; *) exit 0 ;; esac; exit 1; }
done
case "$*" in
*--raw*) echo '"kind":"ServiceMeshMember" "kind":"ServiceMeshControlPlane" "kind":"ServiceEntry" "kind":"DestinationRule" "kind":"Gateway" "kind":"VirtualService" "kind":"Route"' ;;
*annotate*) cat ;;
*" -f -"*) cat >/dev/null ;;
esac
`
		for name, text := range map[string]string{"cli": cli, "scenario": "#!/bin/sh\necho 'kind: Secret'\n[ \"$FAILING\" != secret ]\n"} {
			if err := os.WriteFile(filepath.Join(work, name), []byte(text), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		command := exec.Command("sh", filepath.Join(dir, "apply.sh"))
		command.Env = []string{"PATH=/usr/bin:/bin", "WAIT=0", "CLI=" + filepath.Join(work, "cli"), "SCENARIO=" + filepath.Join(work, "scenario"), "PKI=" + work, "FAILING=" + failing}
		out, err := command.CombinedOutput()
		if (err == nil) != want || want != strings.Contains(string(out), "ok: Secrets") || want == strings.Contains(string(out), "Secrets: not applied") {
			t.Errorf("failing %q: %v\n%s", failing, err, out)
		}
	}
}

// TestSealedKey: test.sh says of a key that is encrypted what to do, and not that there is none.
func TestSealedKey(t *testing.T) {
	dir := write(t, kitOf(t, scenarios.Cell{Scenario: "1b", Encryption: "mutual", Target: "ossm-2.6"}))
	work := t.TempDir()
	pair := filepath.Join(work, "certs/istio-system.greeting-client-secret")
	if err := os.MkdirAll(pair, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{filepath.Join(work, "ca.crt"), filepath.Join(pair, "tls.crt"), filepath.Join(pair, "tls.key.age")} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command("sh", filepath.Join(dir, "test.sh"))
	command.Env = []string{"PATH=/usr/bin:/bin", "CLI=true", "ADDRESS=192.0.2.1", "PKI=" + work}
	out, err := command.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "test.sh: the key to show is encrypted: "+filepath.Join(pair, "tls.key.age")) {
		t.Errorf("%v\n%s", err, out)
	}
}
