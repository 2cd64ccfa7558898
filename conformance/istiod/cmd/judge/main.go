// Command judge follows one request through a bundle by asking Istio's own code.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/meshscenario/scenario/conformance/istiod/judge"
)

const usage = `judge: where does this request go, by istiod's own code?

  scenario render 1b --mtls --target istio-1.31 > out.yaml
  judge --stock -f out.yaml --from greetings-client/rest-client-greeting --to http://greeting.remote.com
  judge --stock -f out.yaml -f secrets.yaml --from shop/web --to https://greeting.remote.com --server simple -o json
  judge -f bundle.yaml --check

Exit status: 0 the request arrives, whichever way it goes; 1 it does not, or nobody can tell (or, with --check, Istio
refuses an object); 2 wrong use; 3 the bundle or the question cannot be read, or Istio refuses the bundle; 4 the machine.

`

type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func main() {
	var files, flags, headers list
	var r judge.Request
	var o judge.Options
	var labels, output string
	var withStock, check bool
	f := flag.NewFlagSet("judge", flag.ExitOnError)
	f.Usage = func() { fmt.Fprint(f.Output(), usage); f.PrintDefaults() }
	f.Var(&files, "f", "a `FILE` of YAML or JSON, or - for standard input; may be repeated, and a later object replaces an earlier one of the same name")
	f.BoolVar(&withStock, "stock", false, "put the bundle on a strict mesh: REGISTRY_ONLY, STRICT mutual TLS, gateways in istio-egress and istio-ingress")
	f.StringVar(&o.Mesh, "mesh", "", "`YAML` of MeshConfig over what the bundle says, such as 'outboundTrafficPolicy: {mode: ALLOW_ANY}'")
	f.StringVar(&r.From, "from", "", "the client: `NAMESPACE/WORKLOAD`, or \"outside\" for one that comes in by the ingress")
	f.StringVar(&labels, "labels", "", "the client's labels, where the bundle does not hold it: `K=V,...` (default app=WORKLOAD)")
	f.StringVar(&r.To, "to", "", "the `URL` it calls; scheme http, h2c, https (the application's own TLS), tcp or tls")
	f.StringVar(&r.Host, "host", "", "another Host header than the URL's")
	f.StringVar(&r.Method, "method", "GET", "the HTTP method")
	f.Var(&headers, "header", "a header, `NAME: VALUE`; may be repeated")
	f.StringVar(&r.SNI, "sni", "", "another SNI of the application's own TLS than the URL's host; - for none")
	f.StringVar(&r.Credential, "credential", "", "the `NAME` of the client certificate that the application's own TLS shows")
	f.StringVar(&r.Server, "server", "", "what the service at the end speaks: `plaintext|simple|mutual`")
	f.Var(&flags, "env", "a feature flag of istiod, `NAME=VALUE`; may be repeated. All others are as istiod's defaults")
	f.StringVar(&output, "o", "text", "text or `json`")
	f.BoolVar(&check, "check", false, "say what Istio's validation and analysis find, and follow nothing")
	_ = f.Parse(os.Args[1:]) // exits by itself
	fail := func(status int, err error) {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(status)
	}
	if err := judge.CleanEnvironment(flags...); err != nil {
		fail(4, err)
	}
	switch {
	case f.NArg() > 0:
		fail(2, fmt.Errorf("%q: files are named with -f (--help)", f.Arg(0)))
	case output != "text" && output != "json":
		fail(2, fmt.Errorf("-o %q: want text or json", output))
	case len(files) == 0 || !check && (r.From == "" || r.To == ""):
		fail(2, errors.New("-f, --from and --to are needed (--help)"))
	}
	if labels != "" {
		r.Labels = map[string]string{}
		for _, pair := range strings.Split(labels, ",") {
			k, v, found := strings.Cut(pair, "=")
			if !found {
				fail(2, fmt.Errorf("label %q: want KEY=VALUE", pair))
			}
			r.Labels[k] = v
		}
	}
	for _, h := range headers {
		k, v, found := strings.Cut(h, ":")
		if !found {
			fail(2, fmt.Errorf("header %q: want NAME: VALUE", h))
		}
		if r.Headers == nil {
			r.Headers = map[string]string{}
		}
		r.Headers[strings.TrimSpace(k)] = strings.TrimSpace(v)
	}
	b, err := judge.Load(files...)
	if err != nil {
		fail(3, err)
	}
	if withStock {
		b = judge.Stock().And(b)
	}
	if check {
		os.Exit(findings(b, output))
	}
	var path judge.Path
	if err := judge.In(b, o, func(w *judge.World) (err error) {
		path, err = w.Walk(r)
		return err
	}); err != nil {
		fail(3, err)
	}
	if output == "json" {
		err = encode(path)
	} else {
		err = path.WriteText(os.Stdout)
	}
	if err != nil {
		fail(4, err)
	}
	if !path.Arrives() {
		os.Exit(1)
	}
}

func findings(b *judge.Bundle, output string) int {
	all := judge.Validate(b)
	status := 0
	if len(judge.Refusals(all)) > 0 {
		status = 1 // and there is nothing to analyze
	} else {
		more, err := judge.Analyze(b)
		if err != nil {
			fmt.Fprintln(os.Stderr, "judge:", err)
			return 3
		}
		all = append(all, more...)
	}
	if output == "json" {
		_ = encode(all)
		return status
	}
	for _, f := range all {
		fmt.Printf("%-7s %s\n", f.Level, f)
	}
	return status
}

func encode(v any) error {
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	return out.Encode(v)
}
