package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/meshscenario/scenario/mesh"
)

// A Plan is a definition with nothing left open: every field filled, checked, and its target looked up.
type Plan struct {
	Definition
	Scenario Scenario
	Target   mesh.Target
	// Clients are the workloads that the plan serves: the definition's own, and those of the definitions that were
	// merged into it.
	Clients []ClientPlan
	// Own is the mesh that the plan is for, and Other the one that it is joined with; both nil where a scenario is of one
	// mesh alone.
	Own, Other *PeerMesh

	draft *Draft
}

// A ClientPlan is one client workload with the credentials it uses.
type ClientPlan struct {
	Client
	Definition  string // the name of the definition it came from
	Credentials Credentials
}

// Place is where the definition was written.
func (p *Plan) Place() Position { return p.draft.At }

// report collects what is wrong with a plan.
type report struct {
	plan *Plan
	errs []error
}

func (r *report) problem(path, hint, format string, args ...any) {
	r.errs = append(r.errs, &Problem{At: r.plan.draft.Place(path), Path: path, Text: fmt.Sprintf(format, args...), Hint: hint})
}

func (r *report) refuse(reason, hint string) {
	r.errs = append(r.errs, &Refusal{At: r.plan.draft.At, Reason: reason, Hint: hint})
}

// Reason is a refusal in one line: why, and what comes nearest.
func Reason(err error) string {
	var parts []string
	for _, e := range Flatten(err) {
		text, hint := e.Error(), Hint(e)
		if hint != "" {
			text += "; " + hint
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

// Flatten takes joined errors apart.
func Flatten(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, Flatten(e)...)
		}
		return all
	}
	return []error{err}
}

// Hint is the advice that comes with an error of this package, or "".
func Hint(err error) string {
	var problem *Problem
	var refusal *Refusal
	switch {
	case errors.As(err, &problem):
		return problem.Hint
	case errors.As(err, &refusal):
		return refusal.Hint
	}
	return ""
}

// Resolve completes drafts, checks each, and merges those that want the same thing for several clients. Of a definition that
// joins two meshes come two plans, one for each. The target is for the drafts that name none. The error joins a [Problem] or
// [Refusal] for each thing that is wrong.
func Resolve(drafts []*Draft, target string) ([]*Plan, error) {
	var plans []*Plan
	var errs []error
	for _, d := range drafts {
		p, err := complete(d, target)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		plans = append(plans, p)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	merged, err := merge(plans)
	return splitSides(merged), err
}

func complete(d *Draft, target string) (*Plan, error) {
	p := &Plan{Definition: d.Definition, draft: d}
	s := &p.Spec
	if s.Scenario == "" {
		return nil, &Problem{At: d.At, Path: "spec.scenario", Text: "missing", Hint: meant("it", "", IDs())}
	}
	var ok bool
	if p.Scenario, ok = Lookup(s.Scenario); !ok {
		return nil, &Problem{At: d.Place("spec.scenario"), Path: "spec.scenario", Text: fmt.Sprintf("unknown scenario %q", s.Scenario), Hint: meant("a scenario", s.Scenario, IDs())}
	}
	setDefault(&s.Target, target)
	if p.Target, ok = mesh.Lookup(s.Target); !ok {
		return nil, UnknownTarget(s.Target, d.Place("spec.target"))
	}
	on, refusal := p.Scenario.On(p.Target.Family)
	if refusal != nil {
		refusal.At = d.At
		return nil, refusal
	}
	p.Scenario = on
	setDefault(&s.Encryption, p.Scenario.Encryption)
	if r, impossible := p.Scenario.Impossible[s.Encryption]; impossible {
		r.At = d.At
		return nil, &r
	}
	r := &report{plan: p}
	p.unused(r)
	r.errs = append(r.errs, check(d)...)
	if len(r.errs) == 0 {
		p.fill()
		if p.Target.Family == mesh.IstioFamily {
			p.checkMesh(r)
		}
		p.Scenario.check(p, r)
	}
	p.Clients = []ClientPlan{{Client: s.Client, Definition: p.Metadata.Name, Credentials: s.Credentials}}
	return p, errors.Join(r.errs...)
}

// checkMesh holds the mesh's settings against what installs the target's control plane.
func (p *Plan) checkMesh(r *report) {
	if p.Spec.Mesh.Addons == "all" && p.Target.ControlPlane != mesh.SMCP {
		r.refuse(fmt.Sprintf("%s brings no tracing, Kiali, Prometheus or Grafana", p.Target.Product), "install them by their own operators or charts, and leave mesh.addons out")
	}
	switch {
	case p.Scenario.uses("meshes"): // each has its own control plane
	case p.Scenario.uses("client"):
		p.checkMember(r, "spec.client.namespace", p.Spec.Client.Namespace)
	default:
		p.checkMember(r, "spec.expose.namespace", p.Spec.Expose.Namespace)
	}
	if p.draft.Written("spec.mesh.membership") && !p.Target.MemberRoll {
		r.problem("spec.mesh.membership", "leave it out: labels make a namespace part of the mesh", "%s has no membership objects", p.Target.Product)
	}
}

// checkMember refuses a member in the control plane's namespace.
func (p *Plan) checkMember(r *report, path, namespace string) {
	p.checkMemberOf(r, path, namespace, p.Spec.Mesh.Namespace)
}

// checkMemberOf refuses what Maistra's webhook refuses: a control plane whose own namespace is a member.
func (p *Plan) checkMemberOf(r *report, path, namespace, controlPlane string) {
	if p.Target.MemberRoll && namespace == controlPlane {
		r.problem(path, "run the workload in a namespace of its own", "%s is the control plane's own namespace, which cannot be a member of its mesh", namespace)
	}
}

// UnknownTarget is the error for a target that is not known.
func UnknownTarget(name string, at Position) error {
	names := mesh.Names()
	slices.Reverse(names) // of equally near ones, the newest
	hint := "`scenario list` shows all targets"
	if n := Nearest(name, names); n != "" {
		hint = "did you mean " + n + "? " + hint
	}
	path := "spec.target"
	if at.IsFlag() {
		path = ""
	}
	return &Problem{At: at, Path: path, Text: fmt.Sprintf("unknown target %q", name), Hint: hint}
}

// unused reports fields that the scenario does nothing with: whoever writes them expects something.
func (p *Plan) unused(r *report) {
	var paths []string
	for path := range p.draft.places {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	uses := []string{"scenario", "target", "encryption"}
	if p.Target.Family == mesh.IstioFamily {
		uses = append(uses, "mesh")
	}
	uses = append(uses, p.Scenario.Uses...)
	reported := "-"
	for _, path := range paths {
		if strings.HasPrefix(path, reported+".") || strings.HasPrefix(path, reported+"[") {
			continue
		}
		section, isSpec := strings.CutPrefix(path, "spec.")
		if !isSpec {
			continue
		}
		used := false
		for _, u := range uses {
			used = used || section == u || strings.HasPrefix(section, u+".") || strings.HasPrefix(section, u+"[") || strings.HasPrefix(u, section+".")
		}
		if !used {
			reported = path
			r.problem(path, "leave it out; "+p.Scenario.ID+" uses "+oneOf(uses), "has no meaning in scenario %s on target %s", p.Scenario.ID, p.Target.Name)
		}
	}
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// What gateways are called where nobody says otherwise: in Maistra's operator and in Istio's charts alike.
const (
	egressService  = "istio-egressgateway"
	ingressService = "istio-ingressgateway"
)

var (
	egressSelector  = map[string]string{"istio": "egressgateway"}
	ingressSelector = map[string]string{"istio": "ingressgateway"}
)

// fill completes the plan: first what the scenario has its own defaults for, then the rest.
func (p *Plan) fill() {
	s, t := &p.Spec, p.Target
	p.APIVersion, p.Kind = apiVersion, "Scenario"
	setDefault(&s.Mesh.Namespace, t.RootNamespace)
	setDefault(&s.Mesh.Name, map[mesh.ControlPlaneAPI]string{mesh.SMCP: "basic"}[t.ControlPlane])
	setDefault(&s.Mesh.Name, "default")
	setDefault(&s.Mesh.Outbound, "registry-only")
	setDefault(&s.Mesh.MTLS, "strict")
	setDefault(&s.Mesh.Membership, "member")
	setDefault(&s.Mesh.Addons, "none")
	setDefault(&s.Client.Namespace, "greetings-client")
	if p.Scenario.fill != nil {
		p.Scenario.fill(p)
	}

	c := &s.Client
	setDefault(&c.Name, "rest-client-greeting")
	if len(c.Labels) == 0 {
		c.Labels = map[string]string{"app": c.Name}
	}
	setDefault(&c.ServiceAccount, "default")
	image := "quay.io/skoussou/rest-client-greeting:1.0.0"
	if s.Encryption == Passthrough {
		image = "registry.access.redhat.com/ubi9/ubi-minimal:9.5"
	}
	setDefault(&c.Image, image)

	v := &s.Service
	setDefault(&v.Host, "greeting.remote.com")
	encrypted := s.Encryption != None
	setDefault(&v.Port, map[bool]int{true: 443, false: 80}[encrypted])
	if s.Encryption == Simple || s.Encryption == Mutual {
		setDefault(&v.AppPort, 80)
	}
	setDefault(&v.AppPort, v.Port)
	setDefault(&v.Protocol, map[bool]string{true: "tls", false: "http"}[s.Encryption == Passthrough])
	setDefault(&v.SNI, strings.TrimPrefix(v.Host, "*."))
	if len(v.SubjectAltNames) == 0 {
		v.SubjectAltNames = []string{v.Host}
	}

	e := &s.Egress
	setDefault(&e.Namespace, t.EgressNamespace(s.Mesh.Namespace))
	setDefault(&e.Service, egressService)
	if len(e.Selector) == 0 {
		e.Selector = egressSelector
	}
	setDefault(&e.InnerTLS, "mutual")

	x := &s.Expose
	setDefault(&x.Namespace, "greetings-service")
	setDefault(&x.Name, "rest-greeting-remote")
	setDefault(&x.Port, map[bool]int{true: 8443, false: 8080}[s.Encryption == Passthrough])
	setDefault(&x.PathPrefix, "/")
	setDefault(&x.Secret, "greeting-remote-secret")
	image = "quay.io/skoussou/rest-greeting-remote:1.0.0"
	if s.Encryption == Passthrough {
		image = "docker.io/nginxinc/nginx-unprivileged:1.28"
	}
	setDefault(&x.Image, image)
	g := &x.Gateway
	setDefault(&g.Namespace, t.IngressNamespace(s.Mesh.Namespace))
	setDefault(&g.Service, ingressService)
	if len(g.Selector) == 0 {
		g.Selector = ingressSelector
	}
	if t.Routes {
		setDefault(&x.Route.Termination, map[bool]string{true: "passthrough", false: "none"}[encrypted])
		secured := x.Route.Termination == "edge" || x.Route.Termination == "reencrypt"
		setDefault(&x.Route.Insecure, map[bool]string{true: "redirect", false: "none"}[secured])
	}

	d := &s.Redirect
	setDefault(&d.Host, "greeting."+c.Namespace+".svc.cluster.local")
	setDefault(&d.Port, 8080)
	if d.Percent == nil {
		all := 100
		d.Percent = &all
	}

	k := &s.Credentials
	setDefault(&k.Secret, "greeting-client-secret")
	delivery := "mount"
	if t.Has(mesh.DRCredentialOnSidecar) || p.Scenario.egress {
		delivery = "sds"
	}
	setDefault(&k.Delivery, delivery)
	setDefault(&k.CA, "secret")
	setDefault(&k.MountPath, "/etc/certs")

	setDefault(&p.Metadata.Name, slug(v.Host))
}

// slug makes a name of a host: at most 40 letters, so that the names made of it stay within 63.
func slug(host string) string {
	s := strings.NewReplacer("*", "any", ".", "-").Replace(strings.ToLower(host))
	if len(s) <= 40 {
		return strings.Trim(s, "-")
	}
	sum := sha256.Sum256([]byte(host))
	return strings.Trim(s[:33], "-") + "-" + hex.EncodeToString(sum[:3])
}
