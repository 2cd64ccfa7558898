package issued

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// certsCommand is a command of the example's README.adoc about certificates.
var certsCommand = regexp.MustCompile(`(?m)^\$ scenario (certs [^|\n]*)`)

// TestBookinfo: the certificates that the walk of the example issues stand at both of its entrances by HTTPS, in both layouts
// of gateways, and who is not who he says is refused there: without a client's certificate too, where one is asked for.
func TestBookinfo(t *testing.T) {
	t.Parallel()
	on := tested.newest[len(tested.newest)-1]
	const folder = "../../../examples/bookinfo/"
	commands := certsCommand.FindAllStringSubmatch(string(must(os.ReadFile(folder+"README.adoc"))), -1)
	if len(commands) != 4 {
		t.Fatalf("README.adoc has %d commands about certificates", len(commands))
	}
	var all collected
	t.Run("issue", func(t *testing.T) {
		for layout, namespace := range map[string]string{"chart": "istio-ingress", "istioctl": "istio-system"} {
			c := &cell{title: "bookinfo " + layout, args: []string{"--target", on}, pki: filepath.Join(t.TempDir(), "pki")}
			for _, m := range commands {
				command := strings.Replace(m[1], "istio-ingress/", namespace+"/", 1)
				if command = strings.TrimSpace(command); command == "certs secret" {
					command += " -o json"
				}
				out := tested.does(t, append(strings.Fields(command), "--pki", c.pki)...)
				if strings.HasPrefix(command, "certs secret") {
					c.bundle.items = items(t, out)
				}
			}
			for _, mode := range []string{"simple", "mutual"} {
				args := []string{"trace", "--target", on, "-o", "json", "--from", "outside", "--to", "https://bookinfo.example.com/productpage"}
				for _, file := range []string{
					"01-mesh.yaml", "02-application.yaml", "04-routes.yaml", "layouts/" + layout + "/gateway.yaml", "layouts/" + layout + "/" + mode + ".yaml",
				} {
					args = append(args, folder+file)
				}
				if mode == "mutual" {
					args = append(args, "--client-cert")
				}
				c.routes = append(c.routes, ask[route](t, tested, args...))
			}
			legs, mesh := c.legs(t)
			if len(legs) != 2 || legs[0].server.ClientCA != nil || legs[1].server.ClientCA == nil {
				t.Fatalf("%s: %d TLS at its entrances", c.title, len(legs))
			}
			all.legs = append(all.legs, legs...)
			tally.Lock()
			tally.cells, tally.mesh = tally.cells+1, tally.mesh+mesh
			tally.Unlock()
		}
	})
	all.try(t)
}
