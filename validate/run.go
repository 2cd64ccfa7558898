package validate

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
)

// Options say what to look for.
type Options struct {
	Target mesh.Target
	// MeshConfig is YAML of Istio's MeshConfig, over what the bundle says of it.
	MeshConfig string
	// App is what all applications send (http, https, h2c, tcp or tls); "" leaves it to the bundle.
	App string
	// URLs are called too, by From or, where that is empty, by whom the bundle shows to do so.
	URLs []string
	From string
	// Requests are followed too, whatever else the bundle speaks of.
	Requests []traffic.Request
	// Strict takes what the files do not hold for missing, instead of taking it for granted.
	Strict bool
	// Facts are known of the cluster, Strict or not.
	Facts traffic.Facts
	// Now is when certificates are to be valid; at the zero time none is held against a date. CertMinDays is for how many
	// days more.
	Now         time.Time
	CertMinDays int
	Rules       []*Rule
	// Peer are the files of another mesh that this one is joined with: what does not fit between the two is told, wherever it
	// is written, and nothing else of that mesh.
	Peer *bundle.Bundle
}

// A Result is what a bundle was found to be.
type Result struct {
	// Findings come sorted by file, line and column. One mistake is one finding, however many requests meet it.
	Findings []Finding
	Paths    []traffic.Path
	// Assumed says, a sentence each, what was counted on and is not in the files.
	Assumed []string
}

// Run checks a bundle. The error is about what was asked, such as a request that is no URL. Where the target is no Istio, no
// requests are followed, and only the rules speak that do anywhere.
func Run(b *bundle.Bundle, o Options) (Result, error) {
	x, err := traffic.NewIndex(b, traffic.Options{Target: o.Target, MeshConfig: o.MeshConfig, Assume: !o.Strict, Facts: o.Facts})
	if err != nil {
		return Result{}, err
	}
	var requests []traffic.Request
	if o.Target.Family == mesh.IstioFamily {
		requests = known(slices.Concat(o.Requests, o.called(x), x.Requests(o.App)))
	} else {
		o.Rules = slices.DeleteFunc(slices.Clone(o.Rules), func(r *Rule) bool { return !r.Anywhere })
	}
	paths, err := walk(x, requests)
	if err != nil {
		return Result{}, err
	}
	p := o.pass(x, paths)
	own, border := split(o.Rules)
	if o.Peer == nil {
		own, border = o.Rules, nil
	}
	p.check(own)
	checked, broken := p.taken(), p.explained(own)
	if o.Peer != nil {
		both, err := o.meet(b, x, paths)
		if err != nil {
			return Result{}, err
		}
		for _, side := range both {
			side.check(border)
			checked, broken = append(checked, side.taken()...), append(broken, side.explained(border)...)
		}
		paths = both[0].walked
	}
	result := Result{Paths: paths, Findings: distil(checked, broken, gaps(p.Objects.All))}
	for _, path := range paths {
		for _, what := range path.Assumed {
			if !slices.Contains(result.Assumed, what) {
				result.Assumed = append(result.Assumed, what)
			}
		}
	}
	slices.Sort(result.Assumed)
	return result, nil
}

// gaps are the objects that are not yet what will be applied.
func gaps(objects []*bundle.Object) map[Object]bool {
	all := map[Object]bool{}
	for _, o := range objects {
		if o.Unfilled() {
			all[Object{o.Kind, o.Namespace, o.Name}] = true
		}
	}
	return all
}

// called are the requests of the URLs.
func (o Options) called(x *traffic.Index) []traffic.Request {
	var all []traffic.Request
	for _, to := range o.URLs {
		from := []string{o.From}
		if o.From == "" {
			from = x.Clients(to)
		}
		for _, f := range from {
			all = append(all, traffic.Request{From: f, To: to})
		}
	}
	return all
}

// known leaves out guesses where it is known what a client sends to the host, and what was asked for twice.
func known(requests []traffic.Request) []traffic.Request {
	sure, seen := map[string]bool{}, map[string]bool{}
	for _, r := range requests {
		if !r.Guess {
			namespace, _, _ := strings.Cut(r.From, "/")
			sure[r.From+" "+hostOf(r.To)] = true
			sure[namespace+"/* "+hostOf(r.To)] = true
		}
	}
	return slices.DeleteFunc(requests, func(r traffic.Request) bool {
		again := seen[r.From+" "+r.To]
		seen[r.From+" "+r.To] = true
		return again || r.Guess && sure[r.From+" "+hostOf(r.To)]
	})
}

// walk follows the requests, on all cores, and gives their paths in their order.
func walk(x *traffic.Index, requests []traffic.Request) ([]traffic.Path, error) {
	paths := make([]traffic.Path, len(requests))
	errs := make([]error, len(requests))
	const batch = 16
	var next sync.Mutex
	at := 0
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for {
				next.Lock()
				from := at
				at += batch
				next.Unlock()
				for i := from; i < min(from+batch, len(requests)); i++ {
					paths[i], errs[i] = x.Walk(requests[i])
				}
				if from >= len(requests) {
					return
				}
			}
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// explain asks, for each way that does not arrive, the rules for its cause.
func explain(p *Pass, rules []*Rule) {
	of := map[traffic.Cause][]*Rule{}
	for _, special := range []bool{true, false} {
		for _, r := range rules {
			if r.Explain != nil && r.Special == special {
				for _, c := range r.Of {
					of[c] = append(of[c], r)
				}
			}
		}
	}
	works := readings(p.Paths)
	for _, path := range p.Paths {
		if path.Outcome.Cause == "" || path.Outcome.Code == traffic.Unknown {
			continue
		}
		scheme, _, _ := strings.Cut(path.Request.To, "://")
		b := &Break{Path: path, Severity: works.severity(path, p.Index.Backend(hostOf(path.Request.To))), TLS: scheme == "https" || scheme == "tls"}
		for _, r := range of[path.Outcome.Cause] {
			if p.rule = r; r.Explain(p, b) {
				break
			}
		}
	}
}

// reached knows which requests arrive, by client and host, by client, host and port, and by URL without its path.
type reached struct{ host, port, url map[string]bool }

// readings sorts out what arrives. Where nobody knows what an application sends, several readings of a port are followed;
// it is enough that one of them arrives.
func readings(paths []*traffic.Path) reached {
	r := reached{host: map[string]bool{}, port: map[string]bool{}, url: map[string]bool{}}
	for _, p := range paths {
		switch p.Outcome.Code {
		case traffic.Arrives, traffic.Unknown, traffic.Response, traffic.Denied:
			r.host[p.Request.From+" "+hostOf(p.Request.To)] = true
			r.port[p.Request.From+" "+p.Hops[0].Destination.String()] = true
			r.url[withoutPath(p.Request.To)] = true
		}
	}
	return r
}

// severity is how grave it is that a request does not arrive. That a guess does not is no fault where another reading of
// the port does; nor where the client is made up and others get through; nor is TLS within TLS, where the host is reached
// by a port at which the mesh makes the TLS. But a request that the client's sidecar leads by a VirtualService is meant to
// be made, whatever else arrives. And of a host that is the backend of a gateway which is not followed, the gateway may be
// the only client.
func (r reached) severity(p *traffic.Path, backend bool) Severity {
	if len(p.Hops) > 1 && p.Hops[1].Proxy == traffic.Sidecar {
		if _, led := Decided(&p.Hops[1], "VirtualService"); led {
			return Error
		}
	}
	madeUp := strings.HasSuffix(p.Request.From, "/*")
	latent := p.Outcome.Cause == traffic.DoubleTLS && r.host[p.Request.From+" "+hostOf(p.Request.To)]
	if p.Request.Guess && (latent || madeUp && backend || r.port[p.Request.From+" "+p.Hops[0].Destination.String()] || madeUp && r.url[withoutPath(p.Request.To)]) {
		return Info
	}
	return Error
}

// withoutPath is the scheme, host and port of a URL.
func withoutPath(url string) string {
	scheme, rest, _ := strings.Cut(url, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

// hostOf is the host of a URL, without its port.
func hostOf(url string) string {
	_, host, _ := strings.Cut(url, "://")
	host, _, _ = strings.Cut(host, "/")
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	return strings.ToLower(host)
}
