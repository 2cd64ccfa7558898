package main

import (
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/meshscenario/scenario/contrast"
)

// asks say what a client must speak.
var asks = map[contrast.TLS]string{
	contrast.MutualTLS: "mutual TLS: the client must show a certificate of the mesh",
	contrast.ServerTLS: "TLS, and no client certificate is asked for",
	contrast.NoTLS:     "no TLS of the mesh: the application takes it as it comes",
}

// reaches says who may use what is plaintext behind a port.
var reaches = map[contrast.TLS]string{
	contrast.MutualTLS: "any workload of the mesh may use it, by mutual TLS",
	contrast.ServerTLS: "whoever reaches the pod may use it, by TLS without a client certificate",
	contrast.NoTLS:     "whoever reaches the pod may use it, in plaintext",
}

func writeSidecars(w io.Writer, all []contrastSidecar, width int) {
	for i, c := range all {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if c.Workload != "" {
			fmt.Fprintf(w, "%s: %s, %s\n\n", c.At, c.Workload, standsIn(c))
		}
		writeInbound(w, c, width)
		writeOutbound(w, c, width)
		if c.Admin != nil {
			writeFolded(w, fmt.Sprintf("Envoy's admin interface is on port %d: %s.", c.Admin.Port, reaches[c.Admin.TLS]), width, "\n")
		}
		writeList(w, "What the files do not settle", c.Notes, width)
		if len(c.Faults) > 0 {
			fmt.Fprintln(w, "\nWhat is wrong, though the sidecar takes it")
			writeFaults(w, c)
		}
	}
	writeList(w, "What no sidecar sees", contrast.Bypasses(), width)
}

// standsIn says where the strings stand.
func standsIn(c contrastSidecar) string {
	switch c.Place {
	case contrast.OnTemplate:
		return "by annotations of the pod"
	case contrast.OnWorkload:
		return "by annotations of the workload"
	default:
		return "by variables of the sidecar, " + string(c.Generation)
	}
}

func writeInbound(w io.Writer, c contrastSidecar, width int) {
	fmt.Fprintln(w, "What comes in over TCP")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, in := range c.Inbound {
		port := "port " + strconv.Itoa(in.Port)
		if in.Port == 0 {
			port = "every other port"
			if len(c.Inbound) == 1 {
				port = "every port"
			}
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\n", port, oneLine(in.Name), asks[in.TLS])
	}
	table.Flush()
	last := c.Inbound[len(c.Inbound)-1]
	if last.Shows == "" { // no port has TLS
		return
	}
	writeFolded(w, fmt.Sprintf("The sidecar shows the workload's certificate, %s, and verifies clients' by %s.", last.Shows, path.Base(last.Verifies)), width, "")
}

func writeOutbound(w io.Writer, c contrastSidecar, width int) {
	if len(c.Outbound) == 0 {
		return
	}
	fmt.Fprintln(w, "\nWhat the application sends to the sidecar")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, out := range c.Outbound {
		fmt.Fprintf(table, "  %s\t%s\tmutual TLS to %s\n", out.Listen, oneLine(out.Name), oneLine(out.Remote))
	}
	table.Flush()
	o := c.Outbound[0]
	writeFolded(w, fmt.Sprintf("The sidecar shows the workload's certificate, %s, and verifies the server's by %s alone: it sends no SNI and looks at no name, so any workload of the mesh may answer.",
		o.Shows, path.Base(o.Verifies)), width, "")
}

// writeFolded writes a sentence under what it is about.
func writeFolded(w io.Writer, text string, width int, before string) {
	fmt.Fprintf(w, "%s%s\n", before, strings.Join(fold(text, width, ""), "\n"))
}

// writeList writes sentences under a title, or nothing where there are none.
func writeList(w io.Writer, title string, all []string, width int) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", title)
	for _, text := range all {
		fmt.Fprintf(w, "- %s\n", strings.TrimPrefix(strings.Join(fold(text, width, "  "), "\n"), "  "))
	}
}
