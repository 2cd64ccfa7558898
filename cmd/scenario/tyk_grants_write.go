package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/meshscenario/scenario/tyk"
)

func grantsText(w io.Writer, m tyk.Matrix, ids map[string]tyk.ID) error {
	if len(m.Grants) == 0 {
		fmt.Fprintln(w, "one workload, and no other that could call it")
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, g := range m.Grants {
		if i == 0 {
			fmt.Fprintln(table, "CALLER\tCALLEE\tMAY CALL\tWHY")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", g.Caller, g.Callee, map[bool]string{true: "yes", false: "no"}[g.Allowed], g.Why)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, host := range m.Clients() {
		id, there := ids[host]
		fmt.Fprintf(w, "\nclient certificate of %s, for client authentication\n", host)
		if !there {
			fmt.Fprintf(w, "  issue it: scenario certs issue %s --client --common-name %s --dns %s\n", host, host, host)
			continue
		}
		fmt.Fprintf(w, "  with its key, for the organisation:  %s\n  alone, without an organisation:      %s\n", id.Private, id.Public)
	}
	for _, callee := range m.Workloads {
		if !callee.Closed {
			continue
		}
		callers := m.Callers(callee.Host())
		fmt.Fprintf(w, "\n%s-inbound: use_mutual_tls_auth: true; client_certificates: %s\n", callee.App, cmp.Or(strings.Join(callers, ", "), "none, so nobody is let in"))
		for _, caller := range callers {
			fmt.Fprintf(w, "%s: tag %s; upstream_certificates: %s:%d: %s\n", m.Slug(caller, callee), m.App(caller), callee.Host(), tyk.SidecarPort, caller)
		}
		fmt.Fprintf(w, "%s-mesh: tag %s-closed, which no sidecar loads\n", callee.App, callee.App)
	}
	return nil
}

// A grantJSON is a pair of the JSON output.
type grantJSON struct {
	Caller  string `json:"caller"`
	Callee  string `json:"callee"`
	Allowed bool   `json:"allowed"`
	Mutual  bool   `json:"mutual"`
	Why     string `json:"why"`
}

// A clientJSON is a client certificate of the JSON output; the ids are there where the certificate is.
type clientJSON struct {
	Host       string `json:"host"`
	CommonName string `json:"commonName"`
	DNS        string `json:"dns"`
	Usage      string `json:"usage"`
	Upstream   string `json:"upstreamCertificate,omitempty"`
	Client     string `json:"clientCertificate,omitempty"`
}

func grantsJSON(w io.Writer, m tyk.Matrix, ids map[string]tyk.ID) error {
	out := struct {
		Grants  []grantJSON  `json:"grants"`
		Clients []clientJSON `json:"clients"`
	}{[]grantJSON{}, []clientJSON{}}
	for _, g := range m.Grants {
		out.Grants = append(out.Grants, grantJSON(g))
	}
	for _, host := range m.Clients() {
		out.Clients = append(out.Clients, clientJSON{host, host, host, "clientAuth", ids[host].Private, ids[host].Public})
	}
	return writeJSON(w, out)
}

// writeJSON writes a value for programs, indented, and as it is.
func writeJSON(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(value)
}
