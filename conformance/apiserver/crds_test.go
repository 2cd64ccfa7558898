package apiserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/meshscenario/scenario/conformance/apiserver/plane"
)

const (
	istioModule   = "istio.io/api"
	istioFile     = "kubernetes/customresourcedefinitions.gen.yaml"
	routeModule   = "github.com/openshift/api"
	routeFile     = "route/v1/zz_generated.crd-manifests/routes.crd.yaml"
	gatewayModule = "sigs.k8s.io/gateway-api"
	gatewayPin    = "v1.6.0"
	gatewayFolder = "config/crd/standard"
)

// istioPins are, of each minor that a target has, the newest patch of istio.io/api that could be fetched as a module. Its tags
// have a v since 1.19; earlier ones are pseudo-versions, made of the tag's commit. The minor that the product itself is
// built with is missing here: it comes from its go.mod.
var istioPins = []struct {
	minor        int
	tag, version string
}{
	// 1.9's file is in a form of CRD that Kubernetes 1.22 gave up; 1.10's has the same kinds, fields and values.
	{9, "1.10.6", "v0.0.0-20211015181651-ddbde26ea264"},
	{12, "1.12.9", "v0.0.0-20220628132934-6669b1c67990"},
	{14, "1.14.5", "v0.0.0-20221004225839-607aeaab2827"},
	{16, "1.16.7", "v0.0.0-20230711220847-08f4f4a00d6e"},
	{18, "1.18.7", "v0.0.0-20231206023236-e7cadb36da57"},
	{20, "1.20.8", "v1.20.8"},
	{24, "1.24.4", "v1.24.4"},
	{25, "1.25.5", "v1.25.5"},
	{26, "1.26.4", "v1.26.4"},
	{27, "1.27.8", "v1.27.8"},
	{28, "1.28.3", "v1.28.3"},
	{29, "1.29.6", "v1.29.6"},
	{30, "1.30.3", "v1.30.3"},
}

// istioCRDs finds the CRDs of an Istio minor, or the nearest newer ones that can be had, or else the product's own; and
// which these are.
func istioCRDs(minor int) (file, tag string, err error) {
	own, dir, err := parentModule(istioModule)
	if err != nil {
		return "", "", err
	}
	_, after, _ := strings.Cut(own, ".")
	number, _, _ := strings.Cut(after, ".")
	ownMinor, err := strconv.Atoi(number)
	if err != nil {
		return "", "", fmt.Errorf("%s %s: which minor is that? %w", istioModule, own, err)
	}
	for _, pin := range istioPins {
		if pin.minor < minor || minor >= ownMinor {
			continue
		}
		if dir, err := download(istioModule, pin.version); err == nil {
			return filepath.Join(dir, istioFile), pin.tag, nil
		}
	}
	return filepath.Join(dir, istioFile), strings.TrimPrefix(own, "v"), nil
}

// sharedFolders are where the CRDs are that no module has, in SCENARIO_SHARED, by their API group.
var sharedFolders = map[string]string{
	"maistra.io":            "crds/maistra",
	"federation.maistra.io": "crds/maistra",
	"sailoperator.io":       "crds/sail",
}

// missingCRDs tells why an object cannot be judged here, or "".
func missingCRDs(o plane.Object) string {
	group, _, _ := strings.Cut(o.APIVersion(), "/")
	if sharedFolders[group] == "" || os.Getenv("SCENARIO_SHARED") != "" {
		return ""
	}
	return "SCENARIO_SHARED is not set: no CRDs of " + group
}

// clusterOf starts what a cluster for the target has: an API server with the CRDs of its Istio and of its platform, and
// no others.
func clusterOf(t *testing.T, target target) (p *plane.Plane, crds string) {
	t.Helper()
	file, tag, err := istioCRDs(target.Istio)
	if err != nil {
		t.Fatal(err)
	}
	files, from := []string{file}, []string{"Istio " + tag}
	if own := fmt.Sprintf("1.%d", target.Istio); !strings.HasPrefix(tag, own+".") {
		from[0] += " instead of " + own
	}
	add := func(name, file string) {
		files, from = append(files, file), append(from, name)
	}
	shared := func(name, group string) {
		if root := os.Getenv("SCENARIO_SHARED"); root != "" {
			add(name, filepath.Join(root, sharedFolders[group]))
		}
	}
	switch target.ControlPlane {
	case "ServiceMeshControlPlane":
		shared("Maistra", "maistra.io")
	case "Istio":
		shared("Sail", "sailoperator.io")
	}
	if target.Routes {
		_, dir, err := parentModule(routeModule)
		if err != nil {
			t.Fatal(err)
		}
		add("Route", filepath.Join(dir, routeFile))
	}
	if target.ControlPlane != "ServiceMeshControlPlane" {
		dir, err := download(gatewayModule, gatewayPin)
		if err != nil {
			t.Fatal(err)
		}
		add("Gateway API "+strings.TrimPrefix(gatewayPin, "v"), filepath.Join(dir, gatewayFolder))
	}
	p, err = plane.Start(testplane)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := p.InstallCRDs(files...); err != nil {
		t.Fatal(err)
	}
	return p, strings.Join(from, ", ")
}

// parentModule gives the version and the folder of a module that the product is built with.
func parentModule(module string) (version, dir string, err error) {
	out, err := output(exec.Command("go", "list", "-C", "../..", "-m", "-f", "{{.Version}} {{.Dir}}", module))
	if err != nil {
		return "", "", err
	}
	version, dir, _ = strings.Cut(strings.TrimSpace(out), " ")
	if dir == "" {
		return "", "", fmt.Errorf("%s is not downloaded: run go mod download in the product's folder", module)
	}
	return version, dir, nil
}

// downloads keeps what download found, because a version that cannot be had costs a trip each time.
var downloads sync.Map

// download gives the folder of a module that is required by no go.mod here: it would move the versions of what
// Kubernetes requires. The checksum database vouches for it.
func download(module, version string) (dir string, err error) {
	once, _ := downloads.LoadOrStore(module+"@"+version, sync.OnceValues(func() (string, error) {
		// On failure, the reason is in what it prints, as JSON.
		out, err := exec.Command("go", "mod", "download", "-json", module+"@"+version).Output()
		var answer struct{ Dir, Error string }
		if json.Unmarshal(out, &answer) != nil || answer.Dir == "" {
			return "", fmt.Errorf("go mod download %s@%s: %w", module, version, errors.Join(err, errors.New(answer.Error)))
		}
		return answer.Dir, nil
	}))
	return once.(func() (string, error))()
}
