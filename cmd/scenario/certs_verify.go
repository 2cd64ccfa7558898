package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/certs"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/report"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

// verifyFlags are the flags of certs verify.
type verifyFlags struct {
	source                        sourceFlags
	output, assume, connect       []string
	target, color, timeout        string
	servername, certificate, peer string
}

func certsVerifyCommand(s streams) *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify [FILE|DIR|-]...",
		Short: "Say what of the certificates will be refused: by themselves, in manifests, or by a server",
		Long: `Examples:
  scenario certs verify                            the folder: keys, chains, names, dates, files
  scenario render 1b --mtls | scenario certs verify -
                                                   and those manifests, with the folder's Secrets
  scenario certs verify -A                         and a running cluster
  scenario certs verify --connect ext.example:443 --certificate orders
                                                   and a server that runs, shown that certificate

Of manifests and clusters, only what the rules about certificates find is told: MSH215, MSH224 to MSH227 and MSH501 to
MSH520. scenario validate --pki tells all. Where manifests hold a Secret of the folder too, theirs counts.

With --connect, real handshakes are made: one without a certificate, and with --certificate one that shows it. It is told
what the server shows and asks for, and a finding is what its clients, or it, will refuse. To one that asks for a
certificate, a request (GET /) is made too, because some look at certificates no sooner.

Exit status: 0 no error was found; 1 one was; 2 wrong use; 3 input that cannot be read or is not valid; 4 the server or the
cluster cannot be reached.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return verify(cmd.Context(), s, cmd, f, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVarP(&f.output, "output", "o", nil, strings.Join(report.FindingNames(), ", ")+"; or FORMAT=FILE; repeatable (default text)")
	flags.StringArrayVar(&f.connect, "connect", nil, "make handshakes with this server, HOST:PORT; repeatable")
	flags.StringVar(&f.servername, "servername", "", "the name to ask servers for (default: the host)")
	flags.StringVar(&f.certificate, "certificate", "", "the client certificate to show, by its name in the folder")
	flags.StringVar(&f.peer, "peer", "", "the CA that verifies servers, by its name in the folder (default: the folder's own)")
	flags.StringVar(&f.timeout, "timeout", "10s", "how long to wait for a server")
	flags.StringVar(&f.target, "target", "", "the mesh and its version, for manifests (default $SCENARIO_TARGET, else "+mesh.Default+")")
	addAssume(flags, &f.assume)
	flags.StringVar(&f.color, "color", "auto", "auto, always or never; auto is never where NO_COLOR is set or stdout is no terminal")
	f.source.add(flags)
	flags.Lookup("pki").Usage = folderUsage
	flags.Lookup("age-identity").Usage = identityUsage
	completeWith(cmd, "target", mesh.Names())
	completeWith(cmd, "output", report.FindingNames())
	completeWith(cmd, "color", colors)
	return cmd
}

func verify(ctx context.Context, s streams, cmd *cobra.Command, f verifyFlags, args []string) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	target, wait, err := f.check(cmd)
	if err != nil {
		return err
	}
	outputs, err := parseOutputs(f.output, report.FindingNames())
	if err != nil {
		return err
	}
	if err := keepInputs(outputs, args); err != nil {
		return err
	}
	store, err := f.source.pki.open()
	if err != nil {
		return err
	}
	found, sealed, err := store.Verify()
	if err != nil {
		return pkiError(err)
	}
	all := verified{f: f, store: store, report: newReport()}
	all.fact("%s: %s", store.Dir(), contents(store))
	all.add(found)
	if len(args) > 0 || f.source.cluster() {
		if err := all.manifests(ctx, s, cmd, target, args, len(found) == 0); err != nil {
			return err
		}
	} else if sealed {
		fmt.Fprintf(s.err, "scenario: %s: its private keys are encrypted, so whether they fit their certificates was not checked; --age-identity FILE reads them\n", store.Dir())
	}
	for _, address := range f.connect {
		if err := all.connect(ctx, address, wait); err != nil {
			return err
		}
	}
	return all.write(s, outputs)
}

// check holds the flags against each other, and reads those that are not text.
func (f verifyFlags) check(cmd *cobra.Command) (mesh.Target, time.Duration, error) {
	for _, name := range []string{"servername", "certificate", "peer", "timeout"} {
		if cmd.Flags().Changed(name) && len(f.connect) == 0 {
			return mesh.Target{}, 0, usage("add --connect HOST:PORT", "--%s without --connect", name)
		}
	}
	for _, address := range f.connect {
		if host, port, err := net.SplitHostPort(address); err != nil || host == "" || port == "" {
			return mesh.Target{}, 0, usage("write it as ext.example:443, and an address of IPv6 as [2001:db8::1]:443", "--connect: %q is not HOST:PORT", address)
		}
	}
	if err := f.source.check(); err != nil {
		return mesh.Target{}, 0, err
	}
	wait, err := time.ParseDuration(f.timeout)
	if err != nil || wait <= 0 {
		return mesh.Target{}, 0, usage("write it as 10s", "--timeout: %q is no time span", f.timeout)
	}
	target, err := (&traceFlags{target: f.target, color: f.color}).check(cmd)
	return target, wait, err
}

// contents counts what a store holds.
func contents(store *certs.Store) string {
	count := func(n int, one, many string) string {
		if n == 1 {
			return "1 " + one
		}
		return fmt.Sprintf("%d %s", n, many)
	}
	return count(len(store.Authorities()), "CA", "CAs") + ", " + count(len(store.Entries()), "certificate", "certificates") +
		", for " + count(store.Carried(), "Secret", "Secrets")
}

// certificateRule tells whether a rule of the catalogue is about certificates.
func certificateRule(id string) bool {
	return strings.HasPrefix(id, "MSH5") || slices.Contains([]string{"MSH215", "MSH224", "MSH225", "MSH226", "MSH227"}, id)
}

// A verified is what was looked at and found.
type verified struct {
	f      verifyFlags
	store  *certs.Store
	facts  []string
	report report.Findings
}

func (v *verified) fact(format string, args ...any) {
	v.facts = append(v.facts, oneLine(fmt.Sprintf(format, args...)))
}

// manifests holds the store's Secrets against manifests. What is wrong with the store by itself is not said again.
func (v *verified) manifests(ctx context.Context, s streams, cmd *cobra.Command, target mesh.Target, args []string, sound bool) error {
	b, err := v.f.source.read(ctx, s, "scenario certs verify FILE", args, target)
	if err != nil {
		return err
	}
	if err := manifests(b, args, "scenario certs verify -"); err != nil {
		return err
	}
	held, err := storeSecrets(v.f.source.pki)
	switch {
	case err != nil && sound:
		return err
	case err != nil:
		fmt.Fprintf(s.err, "scenario: what the folder carries is not held against the manifests: %s\n", oneLine(err.Error()))
	}
	var beside []certs.Finding
	if err == nil {
		files := &bundle.Bundle{Objects: slices.DeleteFunc(slices.Clone(b.Objects), func(o *bundle.Object) bool { return o.At("").Line == 0 })}
		if beside, err = v.store.Beside(files); err != nil {
			return pkiError(err)
		}
	}
	held.tell(s.err, held.join(b.Bundle))
	flags := validateFlags{target: v.f.target, failOn: string(validate.Error), threshold: string(validate.Warning)}
	own, err := loadPolicies(nil)
	if err != nil {
		return err
	}
	settings, err := flags.settings(cmd, b, &target, own)
	if err != nil {
		return err
	}
	var facts traffic.Facts
	if facts, err = parseFacts(append(settings.Assume(), v.f.assume...)); err != nil {
		return err
	}
	c := &checking{validateFlags: flags, target: target, facts: facts, settings: settings, own: own, held: held}
	found, err := c.run(s, b)
	if err != nil {
		return err
	}
	told, _ := c.sift(found)
	told = slices.DeleteFunc(told, func(one validate.Finding) bool {
		return !certificateRule(one.Rule) || held.own(one.File) && !sound && v.said(one)
	})
	held.name(told)
	whole := c.report(b, told)
	v.report.Target, v.report.Files = whole.Target, whole.Files
	v.report.Findings = append(v.report.Findings, told...)
	v.beside(b, beside)
	return nil
}
