package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	contrastwalk "github.com/meshscenario/scenario/contrast/walk"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/report"
	"github.com/meshscenario/scenario/scenarios"
	"github.com/meshscenario/scenario/traffic"
	tykwalk "github.com/meshscenario/scenario/tyk/walk"
)

type traceFlags struct {
	source sourceFlags
	peer   peerFlag

	to, from, app, target, output, color string
	all, verbose, clientCert             bool
	assume, headers                      []string
}

func traceCommand(s streams) *cobra.Command {
	var f traceFlags
	cmd := &cobra.Command{
		Use:   "trace [FILE|DIR|-]... (--to URL | --all)",
		Short: "Follow a request through manifests or a cluster: every hop, what is on the wire, and which object decided it",
		Long: `Examples:
  scenario render 1b --mtls | scenario trace --to http://greeting.remote.com
                                                where that request goes, from the client that the manifests are for
  scenario trace manifests/ --to http://api.partner.example --from orders/checkout
  scenario trace manifests/ --to https://shop.example --from outside --client-cert
  scenario trace manifests/ --to http://reviews.shop:9080 --header 'end-user: jason'
  scenario trace east/ --peer west/ --to http://discounts.agency.svc.west-imports.local:8000
                                                from one mesh into another that it is joined with
  scenario trace manifests/ --all               every request that the manifests tell of
  scenario trace --context prod --to http://api.partner.example
                                                through what that cluster holds now
  scenario trace new.yaml --context prod --to http://api.partner.example
                                                and through what it would hold with new.yaml applied

` + sourceHelp + `

Manifests may be yours or rendered, complete or not. What they do not hold and the target's installation brings (its
gateways, Secrets that are named) is assumed, and the result says so. What you know of the cluster, say with --assume:
` + factsHelp + `

The scheme of the URL is what the application sends: http, https (its own TLS), h2c (HTTP/2 without TLS, and gRPC), tcp or
tls. --app sends something else to the same host and port. Without --from, the client is the one that the manifests show
to call the URL; the others are named, and --all traces them too. --from outside comes in from outside the mesh. A
workload that the manifests do not hold is taken to have a sidecar and the label app=NAME.

On target contrast, applications call sockets of their own pod (http://127.137.0.1:8081), where the sidecar waits; what they
call by its name goes past it. A workload that the manifests do not hold is taken to have no sidecar there.

With --peer, requests that leave for the other mesh are followed there: through the gateways of a federation, by the
gateway of another cluster of the same mesh, or by one that a ServiceEntry names. Hops there have the field "mesh".

--all begins with a line for each request, how it ends and how well it is protected, then shows in full those that do
not arrive; --verbose shows all in full. With --to or --from, only the requests to that URL or from that client.

-o json is an object {"target", "request", "hops", "outcome", "share", "else", "assumed", "notRead"}, and with --all an
array of them; fields may be added, and none changes its meaning.

Exit status: 0 traced, however it ends; 2 wrong use; 3 input that cannot be read or is not valid; 4 the cluster could not
be read, or the result not be written; 130 interrupted.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return trace(s, cmd, f, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.to, "to", "", "the URL to call, such as http://api.partner.example")
	flags.StringVar(&f.from, "from", "", "who calls: NAMESPACE/WORKLOAD, or outside (default: whom the manifests show)")
	flags.StringVar(&f.app, "app", "", "what the application sends, whatever the URL says: "+strings.Join(apps, ", "))
	flags.StringArrayVar(&f.headers, "header", nil, "a header that the application sends, NAME: VALUE; repeatable")
	flags.BoolVar(&f.clientCert, "client-cert", false, "the application's own TLS shows a client certificate that the server takes")
	flags.BoolVar(&f.all, "all", false, "trace every request that the manifests tell of")
	flags.BoolVar(&f.verbose, "verbose", false, "with --all: show every path in full")
	addAssume(flags, &f.assume)
	f.source.add(flags)
	f.peer.add(flags, "follow requests on into the mesh of these manifests")
	flags.StringVar(&f.target, "target", "", "the mesh and its version (default $SCENARIO_TARGET, else "+mesh.Default+")")
	flags.StringVarP(&f.output, "output", "o", "text", strings.Join(report.Names(), " or ")+", or FORMAT=FILE to write a file")
	flags.StringVar(&f.color, "color", "auto", "auto, always or never; auto is never where NO_COLOR is set or stdout is no terminal")
	completeWith(cmd, "target", mesh.Names())
	completeWith(cmd, "app", apps)
	completeWith(cmd, "output", report.Names())
	completeWith(cmd, "color", colors)
	return cmd
}

// apps are what an application can send, as schemes of URLs; other schemes are names for one of them.
var (
	apps       = []string{"http", "https", "h2c", "tcp", "tls"}
	otherNames = map[string]string{"grpc": "h2c", "grpcs": "https", "ws": "http", "wss": "https", "http2": "h2c"}
	colors     = []string{"auto", "always", "never"}
)

// A guide knows where requests go in the meshes of one family, and which ones the manifests tell of.
type guide interface {
	Walk(traffic.Request) (traffic.Path, error)
	Clients(url string) []string
	Requests(app string) []traffic.Request
	Known() (workloads, hosts []string)
}

// guides are those there are.
var guides = map[mesh.Family]func(*traffic.Index) guide{
	mesh.IstioFamily:    func(x *traffic.Index) guide { return x },
	mesh.TykFamily:      func(x *traffic.Index) guide { return tykwalk.New(x.Objects()) },
	mesh.ContrastFamily: func(x *traffic.Index) guide { return contrastwalk.New(x.Objects()) },
}

func trace(s streams, cmd *cobra.Command, f traceFlags, args []string) error {
	target, err := f.check(cmd)
	if err != nil {
		return err
	}
	if err := elsewhere(cmd, target, f.assume); err != nil {
		return err
	}
	headers, err := parseHeaders(f.headers)
	if err != nil {
		return err
	}
	outputs, err := parseOutputs([]string{f.output}, report.Names())
	if err != nil {
		return err
	}
	if err := keepInputs(outputs, args); err != nil {
		return err
	}
	x, err := f.index(cmd.Context(), s, args, target)
	if err != nil {
		return err
	}
	g := guides[target.Family](x)
	var k known
	k.workloads, k.hosts = g.Known()
	requests, err := f.requests(s, g, k)
	if err != nil {
		return err
	}
	t := report.Trace{Target: target.Name, Several: f.all}
	for _, r := range requests {
		if scheme, _, _ := strings.Cut(r.To, "://"); f.clientCert && (scheme == "https" || scheme == "tls") {
			r.Credential = "a client certificate"
		}
		r.Headers = headers
		path, err := g.Walk(r)
		if err != nil {
			return usage("", "%w", err)
		}
		t.Paths = append(t.Paths, path)
	}
	if f.to != "" && !slices.ContainsFunc(t.Paths, traffic.Path.Arrives) {
		k.sayUnknownHost(s, hostOf(f.to))
	}
	return s.writeOutputs(outputs, func(w io.Writer, o output) error {
		options := s.options(o, f.color)
		options.Verbose = f.verbose
		i := slices.Index(report.Names(), o.format)
		return report.Formats[i].Paths(w, t, options)
	})
}

// check holds the flags against each other, and finds the target.
func (f *traceFlags) check(cmd *cobra.Command) (mesh.Target, error) {
	for _, name := range []string{"to", "from", "app", "target", "output"} {
		if flag := cmd.Flags().Lookup(name); flag != nil && flag.Changed && flag.Value.Type() == "string" && flag.Value.String() == "" {
			return mesh.Target{}, usage("leave the flag out, or give it a value", "--%s is empty", name)
		}
	}
	if f.app != "" && !slices.Contains(apps, f.app) {
		return mesh.Target{}, usage("an application sends "+strings.Join(apps, ", "), "--app: unknown value %q", f.app)
	}
	if !slices.Contains(colors, f.color) {
		return mesh.Target{}, usage("write auto, always or never", "--color: unknown value %q", f.color)
	}
	if f.verbose && !f.all {
		return mesh.Target{}, usage("add --all; a single path is shown in full anyway", "--verbose without --all")
	}
	if f.to != "" {
		if err := f.checkURL(); err != nil {
			return mesh.Target{}, err
		}
	}
	if namespace, name, ok := strings.Cut(f.from, "/"); ok && (namespace == "" || name == "" || strings.Contains(name, "/")) {
		return mesh.Target{}, usage("write --from NAMESPACE/WORKLOAD, or --from "+traffic.Outside, "--from %q names no workload", f.from)
	}
	name, at := f.target, scenarios.Position{Flag: "--target"}
	if name == "" {
		name, at = cmp.Or(os.Getenv("SCENARIO_TARGET"), mesh.Default), scenarios.Position{Flag: "SCENARIO_TARGET"}
	}
	target, ok := mesh.Lookup(name)
	if !ok {
		return target, &statusError{scenarios.UnknownTarget(name, at), exitUsage, ""}
	}
	return target, nil
}

// parseHeaders reads headers as curl takes them. The Host header is the URL's.
func parseHeaders(list []string) (map[string]string, error) {
	const hint = "write --header 'end-user: jason'"
	all := map[string]string{}
	for _, h := range list {
		name, value, ok := strings.Cut(h, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case !ok || name == "" || strings.ContainsAny(name, " \t"):
			return nil, usage(hint, "--header %q is no NAME: VALUE", h)
		case name == "host":
			return nil, usage("write the host in --to", "--header %q: the host is the URL's", h)
		}
		all[name] = strings.TrimSpace(value)
	}
	return all, nil
}

// checkURL holds --to against what can be traced, and makes it say what --app says.
func (f *traceFlags) checkURL() error {
	scheme, rest, ok := strings.Cut(f.to, "://")
	if ok {
		scheme = strings.ToLower(scheme)
		f.to = scheme + "://" + rest
	}
	if !ok {
		better := cmp.Or(f.app, "http") + "://" + f.to
		if authority, _, _ := strings.Cut(f.to, "/"); f.app == "" && strings.HasSuffix(authority, "443") {
			better = "https://" + f.to
		}
		return usage("write --to "+better, "--to %s has no scheme", f.to)
	}
	if !slices.Contains(apps, scheme) {
		hint := "the schemes are " + strings.Join(apps, ", ") + ", for what the application sends"
		meant := cmp.Or(otherNames[scheme], scenarios.Nearest(scheme, apps))
		if meant != "" {
			hint = "did you mean --to " + meant + "://" + rest + "? " + hint
		}
		return usage(hint, "--to %s: unknown scheme %q", f.to, scheme)
	}
	u, err := url.Parse(f.to)
	if err != nil || u.Hostname() == "" {
		return usage("write --to http://HOST or --to http://HOST:PORT/PATH", "--to %s is no URL of a host", f.to)
	}
	port := cmp.Or(u.Port(), map[string]string{"http": "80", "h2c": "80", "https": "443"}[scheme])
	if n, err := strconv.Atoi(port); port == "" {
		return usage("write --to "+scheme+"://"+u.Host+":PORT", "--to %s has no port", f.to)
	} else if err != nil || n < 1 || n > 65535 {
		return usage("a port is a number from 1 to 65535", "--to %s: %s is no port", f.to, port)
	}
	if f.app != "" && f.app != scheme {
		u.Scheme = f.app
		if u.Port() == "" {
			u.Host += ":" + port
		}
		f.to = u.String()
	}
	return nil
}

// index reads the manifests. What of them cannot be read in full is said, and the rest counts.
func (f *traceFlags) index(ctx context.Context, s streams, paths []string, target mesh.Target) (*traffic.Index, error) {
	facts, err := parseFacts(f.assume)
	if err != nil {
		return nil, err
	}
	b, err := f.source.read(ctx, s, "scenario trace FILE --to URL", paths, target)
	if err != nil {
		return nil, err
	}
	if err := manifests(b, paths, "scenario trace --to URL"); err != nil {
		return nil, err
	}
	held, err := f.source.stored()
	if err != nil {
		return nil, err
	}
	held.tell(s.err, held.join(b.Bundle))
	other, err := f.peer.index(s, target)
	if err != nil {
		return nil, err
	}
	x, err := traffic.NewIndex(b.Bundle, traffic.Options{Target: target, Assume: true, Facts: facts, Peer: other})
	if err != nil {
		return nil, input(err)
	}
	const most = 20
	problems := x.Problems()
	for _, p := range problems[:min(len(problems), most)] {
		fmt.Fprintf(s.err, "scenario: %s\n", oneLine(fmt.Sprintf("%s: %s: %s", p.Object.At(p.Field), p.Object.ID, p.Message)))
	}
	if more := len(problems) - most; more > 0 {
		fmt.Fprintf(s.err, "scenario: and %d more of the kind\n", more)
	}
	return x, nil
}

// requests are those that were asked for.
func (f *traceFlags) requests(s streams, g guide, k known) ([]traffic.Request, error) {
	if err := f.checkClient(s, k); err != nil {
		return nil, err
	}
	if f.to == "" {
		return f.derived(s, g)
	}
	if f.from != "" {
		return []traffic.Request{{From: f.from, To: f.to}}, nil
	}
	clients := g.Clients(f.to)
	if len(clients) == 0 {
		hint := "name one with --from NAMESPACE/WORKLOAD, or --from " + traffic.Outside
		if len(k.workloads) > 0 {
			hint += "; the manifests hold " + some(k.workloads)
		}
		return nil, usage(hint, "the manifests do not tell who calls %s", f.to)
	}
	if !f.all {
		if len(clients) > 1 {
			fmt.Fprintf(s.err, "hint: %s\n", oneLine(fmt.Sprintf("%s may call it too; --from chooses one, --all traces them all", some(clients[1:]))))
		}
		clients = clients[:1]
	}
	var all []traffic.Request
	for _, c := range clients {
		all = append(all, traffic.Request{From: c, To: f.to})
	}
	return all, nil
}

// derived are the requests that the manifests tell of.
func (f *traceFlags) derived(s streams, g guide) ([]traffic.Request, error) {
	all := g.Requests(f.app)
	if !f.all {
		var urls []string
		for _, r := range all {
			if !slices.Contains(urls, r.To) && (f.from == "" || r.From == f.from) {
				urls = append(urls, r.To)
			}
		}
		hint := "add --to URL, or --all"
		if len(urls) > 0 {
			hint += "; the manifests tell of " + some(urls)
		}
		return nil, usage(hint, "no request named")
	}
	if f.from != "" {
		all = slices.DeleteFunc(all, func(r traffic.Request) bool { return r.From != f.from })
	}
	if len(all) == 0 {
		fmt.Fprintln(s.err, "hint: the manifests tell of no such request; --to URL --from NAMESPACE/WORKLOAD names one")
	}
	return all, nil
}
