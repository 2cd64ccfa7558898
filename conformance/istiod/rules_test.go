package istiod

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
	"github.com/meshscenario/scenario/conformance/istiod/model"
)

// unseen are examples whose fault is not to be seen in what istiod configures, and why.
var unseen = map[string]string{
	"MSH208/bad-api-server.yaml":             "the Service of the API server is in every cluster, and in no example",
	"MSH234/bad-old.yaml":                    "versions of TLS are settled by a handshake",
	"MSH309/bad-limits.yaml":                 "limits are no part of a path",
	"MSH321/bad-by-luck.yaml":                "the request arrives, as long as another service has the port",
	"MSH428/bad.yaml":                        "what an EnvoyFilter does is not followed",
	"MSH511/bad.yaml":                        "which files a container has, istiod does not know",
	"MSH611/bad-egress-by-service-port.yaml": "a NetworkPolicy is not istiod's",
	"MSH611/bad-gateway-egress.yaml":         "a NetworkPolicy is not istiod's",
	"MSH611/bad-ingress.yaml":                "a NetworkPolicy is not istiod's",
	"MSH901/bad.yaml":                        "a NetworkPolicy is not istiod's",
	"MSH908/bad-allow.yaml":                  "what an AuthorizationPolicy does to bytes is not followed",
	"MSH908/bad-deny-by-address.yaml":        "what an AuthorizationPolicy does to bytes is not followed",
	"MSH918/bad.yaml":                        "it is others whom the policy keeps out, and the request of who may is the same",
}

// rulesTally counts the examples that were held against istiod.
var rulesTally struct {
	proven            map[string]bool // rules
	twins, patches    int             // bad examples with a good one of the same name, and with a patch
	elsewhere, opaque int             // on a target with an istiod of its own; with certificates
}

// TestRules holds the examples of each rule that names a request against istiod's own code. In a bad one istiod shows the
// fault, and package traffic sees the same path. In the good one of the same name the same request goes another way, or one
// that is made there arrives in place of it; and so it is in the bad one once the edits that the rule offers are made. Where
// a request arrives in both, an ordinary service is put at its end, which takes TLS, or at port 80 plaintext.
func TestRules(t *testing.T) {
	files, err := filepath.Glob("../../validate/rules/MSH*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no rules: %v", err)
	}
	rulesTally.proven = map[string]bool{}
	needed := map[string]bool{}
	for _, file := range files {
		id := strings.TrimSuffix(filepath.Base(file), ".txtar")
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		examples := map[string]string{}
		for _, f := range archive.Files {
			examples[f.Name] = string(f.Data)
		}
		for _, f := range archive.Files {
			bad := string(f.Data)
			_, joined := examples[strings.TrimSuffix(f.Name, ".yaml")+".peer.yaml"]
			switch {
			case !strings.HasPrefix(f.Name, "bad"), strings.HasSuffix(f.Name, ".peer.yaml"):
				continue
			case joined: // istiod knows one mesh at a time
				rulesTally.elsewhere++
				continue
			case strings.Contains(bad, "# target: ossm-2"):
				rulesTally.elsewhere++
				continue
			case strings.Contains(bad, "{{certificate"):
				rulesTally.opaque++
				continue
			}
			name := id + "/" + f.Name
			t.Run(name, func(t *testing.T) {
				proven, err := prove(id, bad, examples["good"+strings.TrimPrefix(f.Name, "bad")])
				var doubt *doubt
				switch _, excused := unseen[name]; {
				case errors.As(err, &doubt) && excused:
					needed[name] = true
				case err != nil:
					t.Error(err)
				case proven:
					rulesTally.proven[id] = true
				}
			})
		}
	}
	for name := range unseen {
		if !needed[name] {
			t.Errorf("%s: istiod shows it, so it needs no excuse", name)
		}
	}
}

// A doubt is that istiod does not bear out what a rule says.
type doubt struct{ text string }

func (d *doubt) Error() string { return d.text }

func doubtful(format string, a ...any) error { return &doubt{fmt.Sprintf(format, a...)} }

// prove asks istiod about a bad example of a rule, and says whether there was something to hold it against: a request that the
// rule names, and a good example or a patch.
func prove(id, bad, good string) (proven bool, err error) {
	before, err := exampleWorld(bad)
	if err != nil {
		return false, err
	}
	findings, err := walker.Validate(before, "", nil, true)
	if err != nil {
		return false, err
	}
	var requests []judge.Request
	var broken []bool
	for _, f := range findings {
		if f.Rule == id && f.Request != nil {
			requests = append(requests, judge.Request{From: f.Request.From, To: f.Request.To})
			broken = append(broken, f.Severity == "error")
		}
	}
	if len(requests) == 0 {
		return false, nil
	}
	patched, err := walker.Mend(bad, id)
	if err != nil {
		return false, err
	}
	for _, mended := range []struct {
		text  string
		count *int
	}{{good, &rulesTally.twins}, {patched, &rulesTally.patches}} {
		if mended.text == "" {
			continue
		}
		after, err := exampleWorld(mended.text)
		if err != nil {
			return false, err
		}
		for _, r := range requests {
			if err := compareExamples(before, after, r); err != nil {
				return false, err
			}
		}
		*mended.count++
		proven = true
	}
	if !proven {
		// Nothing to hold it against; but what is an error is to go wrong.
		for i, r := range requests {
			if !broken[i] {
				continue
			}
			if _, err := goesWrong(before, r); err != nil {
				return false, err
			}
		}
	}
	return proven, nil
}

// compareExamples holds what becomes of one request in two bundles against each other.
func compareExamples(bad, good *judge.Bundle, r judge.Request) error {
	was, err := judged(bad, r)
	if err != nil {
		return err
	}
	is, err := judged(good, r)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(meaning(was), meaning(is)) {
		return nil
	}
	// The same in both: the mend is with the application, which makes another request.
	server, err := goesWrong(bad, r)
	if err != nil {
		return err
	}
	own, err := walker.Requests(good)
	if err != nil {
		return err
	}
	for _, mended := range own {
		if mended.From != r.From || mended.To == r.To {
			continue
		}
		mended.Server = server
		if is, err = judged(good, mended); err != nil {
			return err
		}
		if !fails(is) {
			return nil
		}
	}
	return doubtful("%s to %s: %s in both, and in the good one no other request arrives", r.From, r.To, was.Outcome.Code)
}

// goesWrong sees a request fail, if need be at an ordinary service at its end, which it names.
func goesWrong(b *judge.Bundle, r judge.Request) (server string, err error) {
	p, err := judged(b, r)
	if err != nil || fails(p) {
		return "", err
	}
	r.Server = "simple"
	if p.Hops[len(p.Hops)-1].Destination.Port == 80 {
		r.Server = "plaintext"
	}
	if p, err = judged(b, r); err == nil && !fails(p) {
		err = doubtful("%s to %s: %s, as it should", r.From, r.To, p.Outcome.Code)
	}
	return r.Server, err
}

// judged asks istiod for a path, and holds package traffic against it.
func judged(b *judge.Bundle, r judge.Request) (judge.Path, error) {
	result, err := model.Compare(walker, b, "", []judge.Request{r})
	writtenTally.Add(result, err)
	switch {
	case err != nil:
		return judge.Path{}, err
	case result.Refused:
		return judge.Path{}, doubtful("Istio's validation refuses it")
	case len(result.Differences) > 0:
		return judge.Path{}, errors.New(strings.Join(result.Differences, "\n"))
	}
	return result.Judged[0], nil
}

func fails(p judge.Path) bool {
	return p.Outcome.Code != judge.Arrives && p.Outcome.Code != judge.Response
}

// A leg is what matters of a hop: where it sends, what is on the wire, who verifies whom.
type leg struct {
	proxy, workload string
	destination     judge.Destination
	wire            judge.Wire
	verify          judge.Verify
	terminates      *judge.Termination
}

// An ending is how a path ends, and its legs.
type ending struct {
	share   int
	outcome judge.Code
	legs    []leg
}

// meaning are the ways of a path.
func meaning(p judge.Path) (ways []ending) {
	for _, one := range append([]judge.Path{p}, p.Else...) {
		w := ending{share: one.Share, outcome: one.Outcome.Code}
		for _, h := range one.Hops {
			w.legs = append(w.legs, leg{h.Proxy, h.Workload, h.Destination, h.Wire, h.Verify, h.Terminates})
		}
		ways = append(ways, w)
	}
	return ways
}

var credentialNames = regexp.MustCompile(`"credentialNames?":\[?"([^"]+)"`)

// exampleWorld is an example with what it leaves to the cluster: the gateways that Istio's charts bring, and the Secrets that
// are named, which all may read.
func exampleWorld(text string) (*judge.Bundle, error) {
	b, err := judge.Parse("example", []byte(text))
	if err != nil {
		return nil, err
	}
	held := map[string]bool{}
	namespaces := []string{"istio-egress", "istio-ingress"}
	var credentials []string
	for _, o := range b.Objects {
		for _, name := range []string{"egressgateway", "ingressgateway"} {
			if o.Kind == "Deployment" && strings.Contains(string(o.JSON), `"istio":"`+name+`"`) {
				held["istio-"+name] = true
			}
		}
		if o.Kind == "Secret" {
			held["Secret "+o.Name] = true
		}
		if o.Namespace != "" && !slices.Contains(namespaces, o.Namespace) {
			namespaces = append(namespaces, o.Namespace)
		}
		for _, m := range credentialNames.FindAllStringSubmatch(string(o.JSON), -1) {
			if !slices.Contains(credentials, m[1]) && !strings.Contains(m[1], "://") {
				credentials = append(credentials, m[1])
			}
		}
	}
	world := &judge.Bundle{}
	for _, o := range judge.Stock().Objects {
		if o.Kind != "PeerAuthentication" && o.Kind != "ConfigMap" && !held[o.Name] {
			world.Objects = append(world.Objects, o)
		}
	}
	var secrets []string
	for _, c := range credentials {
		for _, n := range namespaces {
			if !held["Secret "+c] {
				secrets = append(secrets, n+"/"+c)
			}
		}
	}
	beside, err := judge.Parse("beside", []byte(pki.secrets(secrets)+mayList))
	if err != nil {
		return nil, err
	}
	return world.And(beside).And(b), nil
}

const mayList = `---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: secrets}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get, watch, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: secrets}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: secrets}
subjects: [{kind: Group, name: system:serviceaccounts}]
`
