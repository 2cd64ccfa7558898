package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/certs"
	"github.com/meshscenario/scenario/generator"
	"github.com/meshscenario/scenario/scenarios"
)

// issueFlags are the flags of certs issue.
type issueFlags struct {
	definitionFlags
	pkiFlags
	server, client        bool
	commonName            string
	dns, ips, uris        []string
	secret, trust         []string
	key, validity, peerCA string
}

func certsIssueCommand(s streams) *cobra.Command {
	var f issueFlags
	cmd := &cobra.Command{
		Use:   "issue (ID | -f PATH | NAME --server|--client)",
		Short: "Issue what a scenario needs, or a certificate of one's own",
		Long: `Examples:
  scenario certs issue 1b --mtls                   the client's certificate of the egress gateway
  scenario certs issue 1a --mtls --include service both sides, for a trial
  scenario certs issue -f definitions/             all that these definitions need
  scenario certs issue 1b --mtls --peer-ca partner.pem
                                                   where the outside service has another CA
  scenario certs issue shop --server --dns shop.example --dns '*.shop.example'
  scenario certs issue orders --client --uri spiffe://cluster.local/ns/shop/sa/orders --secret shop/orders-tls
  scenario certs issue 2a --target ossm-3.4        a CA for each of the two clusters, under a root that both trust
  scenario certs issue --trust shop/partners=configmap
                                                   no certificate: the CA alone, where applications read it

A certificate that is there, says what is wanted and has more than a third of its life left stays as it is. All are issued
or none. Which Secrets carry them is written down: certs secret gives those.

Exit status: 0 all of them are there; 2 wrong use; 3 input that cannot be read or is not valid; 4 the CA or the disk
failed.`,
		Args:              cobra.ArbitraryArgs,
		RunE:              func(cmd *cobra.Command, args []string) error { return issueCertificates(s, cmd, f, args) },
		ValidArgsFunction: completeScenarios,
	}
	flags := cmd.Flags()
	f.definitionFlags.add(cmd)
	f.pkiFlags.add(cmd)
	flags.BoolVar(&f.server, "server", false, "a certificate named by the argument, for servers")
	flags.BoolVar(&f.client, "client", false, "a certificate named by the argument, for clients")
	flags.StringVar(&f.commonName, "common-name", "", "its common name, for people (default: none)")
	flags.StringArrayVar(&f.dns, "dns", nil, "a DNS name it is for; repeatable")
	flags.StringArrayVar(&f.ips, "ip", nil, "an IP address it is for; repeatable")
	flags.StringArrayVar(&f.uris, "uri", nil, "a URI it is for, such as a SPIFFE ID; repeatable")
	flags.StringArrayVar(&f.secret, "secret", nil, "a Secret that carries it, NAMESPACE/NAME or NAMESPACE/NAME=SHAPE, the shape being "+shapeNames()+" (default pair+ca); repeatable")
	flags.StringArrayVar(&f.trust, "trust", nil, "a Secret or ConfigMap that carries the CA alone, NAMESPACE/NAME=ca or NAMESPACE/NAME=configmap (default ca); repeatable")
	flags.StringVar(&f.key, "key", "", keyUsage)
	flags.StringVar(&f.validity, "validity", "90d", "how long it lasts, in days and hours, but never longer than its CA")
	flags.StringVar(&f.peerCA, "peer-ca", "", "PEM file of the CA that verifies the other side (default: the store's own)")
	completeWith(cmd, "key", keyNames())
	return cmd
}

func shapeNames() string {
	names := make([]string, len(certs.Shapes))
	for i, shape := range certs.Shapes {
		names[i] = string(shape)
	}
	return strings.Join(names, ", ")
}

func issueCertificates(s streams, cmd *cobra.Command, f issueFlags, args []string) error {
	store, err := f.open()
	if err != nil {
		return err
	}
	wanted, err := f.wanted(s, cmd, args)
	if err != nil {
		return err
	}
	outcomes, err := store.Issue(cmd.Context(), wanted)
	if err != nil {
		return pkiError(err)
	}
	tellOutcomes(s, outcomes)
	for _, ref := range wanted.CASecrets {
		fmt.Fprintf(s.out, "kept  %s, with the CA alone\n", ref)
	}
	if len(wanted.Certificates)+len(wanted.CASecrets) == 0 {
		fmt.Fprintln(s.err, "hint: nothing here needs a certificate: no proxy and no sample adds or ends TLS")
	}
	return nil
}

// wanted is what the flags ask for: one certificate, or all that scenarios need.
func (f issueFlags) wanted(s streams, cmd *cobra.Command, args []string) (certs.Wanted, error) {
	var w certs.Wanted
	key, err := certs.ParseKey(f.key)
	if err != nil {
		return w, usage("leave --key out for "+string(certs.DefaultKey), "--key: %w", err)
	}
	validity, err := span("validity", f.validity)
	if err != nil {
		return w, err
	}
	var peer []byte
	if f.peerCA != "" {
		if peer, err = os.ReadFile(f.peerCA); err != nil {
			return w, input(fmt.Errorf("--peer-ca: %w", err))
		}
		w.Peers = map[string][]byte{}
	}
	for _, text := range f.trust {
		ref, err := trustRef(text)
		if err != nil {
			return w, err
		}
		if peer != nil {
			ref.Peer = ref.Namespace + "." + ref.Name
			w.Peers[ref.Peer] = peer
		}
		w.CASecrets = append(w.CASecrets, ref)
	}
	if len(f.trust) > 0 && len(args)+len(f.files) == 0 {
		return w, nil
	}
	if f.server || f.client {
		r, err := f.own(args)
		if err != nil {
			return w, err
		}
		r.Key, r.Validity = key, validity
		if peer != nil {
			w.Peers[r.Name] = peer
			for i := range r.Secrets {
				r.Secrets[i].Peer = r.Name
			}
		}
		w.Certificates = append(w.Certificates, r)
		return w, nil
	}
	if !key.Proxied() {
		return w, usage("choose "+string(certs.DefaultKey)+" or a kind of RSA; the CA may have any: scenario certs init --key "+string(key), "--key %s: Envoy takes it neither for its own certificates, before Istio 1.25, nor from servers in TLS 1.2", key)
	}
	for _, name := range []string{"common-name", "dns", "ip", "uri", "secret"} {
		if cmd.Flags().Changed(name) {
			return w, usage("add --server or --client, and a name; a scenario's certificates say what its definition says", "--%s is for a certificate of one's own", name)
		}
	}
	plans, parts, err := f.plans(s, cmd, args)
	if err != nil {
		return w, err
	}
	for _, secret := range scenarios.Secrets(plans, generator.Options{Parts: parts}.PartsOf) {
		ref := secretRef(secret)
		if peer != nil && secret.CA {
			ref.Peer = secretName(secret)
			w.Peers[ref.Peer] = peer
		}
		if secret.Pair == nil {
			w.CASecrets = append(w.CASecrets, ref)
			continue
		}
		r := leafRequest(*secret.Pair)
		r.Secrets = []certs.SecretRef{ref}
		w.Certificates = append(w.Certificates, r)
	}
	for _, p := range plans {
		if caller := p.Caller(); caller != nil {
			w.Certificates = append(w.Certificates, leafRequest(*caller))
		}
	}
	for i := range w.Certificates {
		w.Certificates[i].Key, w.Certificates[i].Validity = key, validity
	}
	for _, a := range scenarios.Authorities(plans) {
		r := authorityRequest(a)
		r.Key = key
		if cmd.Flags().Changed("validity") {
			r.Validity = validity
		}
		w.Certificates = append(w.Certificates, r)
	}
	return w, nil
}

// own is a certificate that the flags describe by themselves.
func (f issueFlags) own(args []string) (certs.Request, error) {
	r := certs.Request{Purpose: certs.Server, CommonName: f.commonName, DNS: f.dns, IPs: f.ips, URIs: f.uris}
	if f.client {
		r.Purpose = certs.Client
	}
	switch {
	case f.server && f.client:
		return r, usage("issue two: what is stolen from a server must not make a client", "both --server and --client")
	case len(args) == 0:
		return r, usage("scenario certs issue shop --server --dns shop.example", "no name for the certificate")
	case len(args) > 1:
		return r, usage("issue one at a time", "more than one name: %s", strings.Join(args, ", "))
	case len(f.files) > 0:
		return r, usage("leave -f or --server and --client out", "both definitions and a certificate of one's own")
	}
	r.Name = args[0]
	for _, text := range f.secret {
		ref, err := certs.ParseSecretRef(text)
		if err != nil {
			return r, usage("write --secret NAMESPACE/NAME", "--secret: %w", err)
		}
		r.Secrets = append(r.Secrets, ref)
	}
	return r, nil
}

// trustRef reads a Secret or ConfigMap with nothing but CAs.
func trustRef(text string) (certs.SecretRef, error) {
	place, shape, shaped := strings.Cut(text, "=")
	if !shaped {
		shape = string(certs.CAOnly)
	}
	if shape != string(certs.CAOnly) && shape != string(certs.ConfigMap) {
		return certs.SecretRef{}, usage("write --trust NAMESPACE/NAME=configmap; --secret is for Secrets with a certificate", "--trust: the shapes of a CA alone are ca and configmap, not %q", shape)
	}
	ref, err := certs.ParseSecretRef(place + "=" + shape)
	if err != nil {
		return ref, usage("write --trust NAMESPACE/NAME=configmap", "--trust: %w", err)
	}
	return ref, nil
}

func leafRequest(l scenarios.Leaf) certs.Request {
	r := certs.Request{Name: l.Name, Purpose: certs.Client, CommonName: l.CommonName, DNS: l.DNS, IPs: l.IPs, URIs: l.URIs}
	if l.Server {
		r.Purpose = certs.Server
	}
	return r
}

// authorityRequest is the CA of a cluster. Whoever changes it makes every workload there trust anew, so it lasts a year.
func authorityRequest(a scenarios.Authority) certs.Request {
	return certs.Request{
		Name: a.Mesh + "." + a.Namespace + "." + a.Name, Purpose: certs.Intermediate, CommonName: a.CommonName, Validity: 365 * 24 * time.Hour,
		Secrets: []certs.SecretRef{{Namespace: a.Namespace, Name: a.Name, Shape: certs.CACerts, Cluster: a.Mesh}},
	}
}

func secretRef(s scenarios.Secret) certs.SecretRef {
	shape := certs.CAOnly
	switch {
	case s.Pair != nil && s.CA:
		shape = certs.PairCA
	case s.Pair != nil:
		shape = certs.Pair
	}
	return certs.SecretRef{Namespace: s.Namespace, Name: s.Name, Shape: shape}
}

// secretName names what a store keeps for a Secret.
func secretName(s scenarios.Secret) string {
	if s.Pair != nil {
		return s.Pair.Name
	}
	return s.Namespace + "." + s.Name
}

// tellOutcomes lists what became of each certificate.
func tellOutcomes(s streams, outcomes []certs.Outcome) {
	var table bytes.Buffer
	out := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	short := ""
	for _, o := range outcomes {
		what, why := "unchanged", ""
		if o.Issued {
			what = "issued"
			if o.Why != "" {
				what, why = "renewed", "("+o.Why+")"
			}
		}
		e := o.Entry
		fmt.Fprintf(out, "%s\t%s\t%s\tuntil %s\t%s\t%s\n", what, e.Name, e.Purpose, e.NotAfter.Format(time.DateOnly), strings.Join(e.Names(), " "), why)
		if o.Short {
			short = e.NotAfter.Format(time.DateOnly)
		}
	}
	out.Flush()
	for line := range strings.Lines(table.String()) {
		fmt.Fprintln(s.out, strings.TrimRight(line, " \n"))
	}
	if short != "" {
		fmt.Fprintf(s.err, "hint: the CA ends on %s, and so do the certificates it signs: scenario certs rotate-ca\n", short)
	}
}
