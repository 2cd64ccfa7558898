package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/tyk"
)

func tykGrantsCommand(s streams) *cobra.Command {
	var f tykAPIFlags
	var certificates []string
	cmd := &cobra.Command{
		Use:   "grants [FILE|-]...",
		Short: "Say who may call whom, and what mutual TLS that takes",
		Long: `Examples:
  scenario tyk grants apps/                        the matrix, and the client certificates to issue
  scenario tyk grants apps/ --certs pki/certs --org 5e9d9544a1dcd60001d0ed20 --to apis/
                                                   the API definitions, with the ids of those certificates

A workload is in the group that its pods' annotation ` + tyk.GroupKey + ` names. Where they have
` + tyk.CallersKey + `, a list with commas, only workloads of these groups may call it, each by a
client certificate of its own; where they have not, everybody may. tyk-k8s declares the two annotations and does nothing
about them: what is shown here does it with API definitions. It takes last-mile TLS.

A caller's certificate is stored in Tyk twice. With its key, for the organisation: that is the id in upstream_certificates.
Without the key and without an organisation: that is the id in client_certificates, for gateways before 3.2, as the sidecar
is, let in none that is stored with its key.

Exit status: 0 done; 1 an annotation cannot mean what it says; 2 wrong use; 3 input that cannot be read, or certificates
that are not there.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return tykGrants(s, f, certificates, args) },
	}
	f.add(cmd, "text", "json")
	cmd.Flags().StringArrayVar(&certificates, "certs", nil, "the clients' certificates: PEM files, or folders such as pki/certs; repeatable")
	return cmd
}

func tykGrants(s streams, f tykAPIFlags, certificates, args []string) error {
	if f.output != "text" && f.output != "json" {
		return usage("the formats are text and json", "unknown format %q", f.output)
	}
	if err := needsFolder(f.to, f.overwrite); err != nil {
		return err
	}
	if !f.given("tls") {
		f.tls = true // there are no grants without
	}
	in, err := f.read(s, "scenario tyk grants FILE", args)
	if err != nil {
		return err
	}
	m := tyk.Grants(in.workloads())
	if len(m.Workloads) == 0 {
		return input(errors.New("no workload here is meshed, with a label app"))
	}
	if len(certificates) > 0 {
		if org := in.controller.Dashboard.Org; org == "" || len(org)%2 != 0 || strings.Trim(org, "0123456789abcdef") != "" {
			return usage("name it: --org ID, the id that the dashboard shows, of hexadecimal digits", "the ids of certificates begin with that of the organisation, and %q is none", org)
		}
	}
	ids, err := clientIDs(certificates, m.Clients(), in.controller.Dashboard.Org)
	if err != nil {
		return input(err)
	}
	if f.to != "" {
		apis, err := m.APIs(in.controller, ids)
		if err != nil {
			return &statusError{err, exitInput, "issue it, and name its folder by --certs; without --to the commands are shown"}
		}
		if err := writeFiles(definitionFiles(apis), f.to, f.overwrite); err != nil {
			return err
		}
		if in.controller.Injector.MeshCertificateID == "" && len(m.Clients()) > 0 {
			fmt.Fprintln(s.err, "hint: the definitions of single callers have no certificate of https://mesh: set Injector.meshCertificateID, or let scenario tyk renewal add it")
		}
	}
	write := grantsText
	if f.output == "json" {
		write = grantsJSON
	}
	if err := write(s.out, m, ids); err != nil {
		return environment(err)
	}
	for _, fault := range m.Faults {
		fmt.Fprintf(s.err, "scenario: %s\n", oneLine(fault))
	}
	if !in.controller.Injector.EnableMeshTLS && len(m.Clients()) > 0 {
		fmt.Fprintln(s.err, "scenario: enableMeshTLS is false: no sidecar asks for a certificate, and these grants hold nobody off")
		return errFindings
	}
	if len(m.Faults) > 0 {
		return errFindings
	}
	return nil
}

// clientIDs finds the certificates of hosts among PEM files, by their DNS names, and gives their ids.
func clientIDs(paths, hosts []string, org string) (map[string]tyk.ID, error) {
	ids := map[string]tyk.ID{}
	for _, path := range paths {
		files := []string{path}
		if info, err := os.Stat(path); err != nil {
			return nil, err
		} else if info.IsDir() {
			files = nil
			for _, pattern := range []string{"*.crt", "*.pem", "*/tls.crt"} {
				found, _ := filepath.Glob(filepath.Join(path, pattern))
				files = append(files, found...)
			}
		}
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			leaf, err := tyk.ReadCertificate(data)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			for _, host := range hosts {
				if slices.Contains(leaf.DNSNames, host) {
					ids[host] = tyk.IDOf(leaf, org)
				}
			}
		}
	}
	return ids, nil
}
