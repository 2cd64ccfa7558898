package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/cluster"
	"github.com/meshscenario/scenario/mesh"
)

// A sourceFlags says where manifests come from, for every verb that reads them: files, a cluster, or a cluster as it
// would be once the files were applied.
type sourceFlags struct {
	kubeconfig, context string
	namespaces          []string
	all                 bool
	pki                 pkiFlags

	given func(flag string) bool
}

// sourceHelp is what the help of such a verb says of the flags.
const sourceHelp = `The manifests are files, folders with all that is in them, or stdin. Or they are those of a running cluster: --context,
--kubeconfig, --namespace and -A each say so, and find it as kubectl does. It is only read; of Secrets, certificates are
kept, and no private key. Files named besides count as applied to it. Without --namespace, all namespaces are read; with
it, those and the control plane's. What you may not list is said on stderr, and what depends on it is unknown.

With --pki, the Secrets that certs secret writes of that folder count as applied too, except where a file has one of the
same name.`

func (f *sourceFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.context, "context", "", "read the cluster of this context of the kubeconfig")
	flags.StringVar(&f.kubeconfig, "kubeconfig", "", "read a cluster, by this kubeconfig")
	flags.StringArrayVarP(&f.namespaces, "namespace", "n", nil, "read a cluster: this namespace (repeatable) and the control plane's")
	flags.BoolVarP(&f.all, "all-namespaces", "A", false, "read a cluster: all namespaces, as without --namespace")
	flags.StringVar(&f.pki.dir, "pki", "", "count the Secrets of this folder of certificates as applied")
	flags.StringVar(&f.pki.identity, "age-identity", "", "with --pki: "+identityUsage)
	f.given = flags.Changed
}

// cluster tells whether a cluster is to be read.
func (f *sourceFlags) cluster() bool {
	return slices.ContainsFunc([]string{"context", "kubeconfig", "namespace"}, f.given) || f.all
}

// A source is a bundle, and how messages call where it came from.
type source struct {
	*bundle.Bundle
	name string
}

// read gives the bundle that the flags and the files ask for. The verb is for advice: how to call it with manifests. What
// the cluster did not give is said on stderr.
func (f *sourceFlags) read(ctx context.Context, s streams, verb string, paths []string, target mesh.Target) (source, error) {
	live := f.cluster()
	switch {
	case slices.Contains(paths, ""):
		return source{}, usage("name a file or a folder, or - for stdin", "a file without a name")
	case len(slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p != "-" })) > 1:
		return source{}, usage("name stdin once", "- twice: stdin can be read once")
	case live:
		if err := f.check(); err != nil {
			return source{}, err
		}
	case len(paths) == 0 && isTerminal(s.in):
		return source{}, usage(verb+", or pipe manifests in", "no manifests named")
	case len(paths) == 0:
		paths = []string{"-"}
	}
	all := source{&bundle.Bundle{}, strings.Join(paths, ", ")}
	if live {
		held, err := f.readCluster(ctx, target)
		if err != nil {
			return source{}, err
		}
		for _, u := range held.Unread {
			fmt.Fprintf(s.err, "scenario: not read: %s\n", oneLine(u.String()))
		}
		all = source{held, "the cluster"}
	}
	if len(paths) > 0 {
		files, err := bundle.Load(paths, s.in)
		if err != nil {
			return source{}, input(err)
		}
		all.Objects = append(all.Objects, files.Objects...)
		all.Skipped, all.Aside = files.Skipped, files.Aside
		tellAside(s.err, files.Aside)
	}
	if all.name == "-" {
		all.name = "stdin"
	}
	return all, nil
}

// tellAside says what of folders was not read, a line for each reason.
func tellAside(w io.Writer, aside []bundle.Aside) {
	var whys []bundle.AsideWhy
	names := map[bundle.AsideWhy][]string{}
	for _, a := range aside {
		if names[a.Why] == nil {
			whys = append(whys, a.Why)
		}
		names[a.Why] = append(names[a.Why], a.Name)
	}
	for _, why := range whys {
		more := ""
		if n := len(names[why]); n > 1 {
			more = fmt.Sprintf(" and %d more", n-1)
		}
		fmt.Fprintf(w, "scenario: not read: %s%s: %s\n", oneLine(names[why][0]), more, why)
	}
}

func (f *sourceFlags) check() error {
	for _, name := range []string{"context", "kubeconfig"} {
		if f.given(name) && map[string]string{"context": f.context, "kubeconfig": f.kubeconfig}[name] == "" {
			return usage("leave the flag out, or give it a value", "--%s is empty", name)
		}
	}
	if slices.Contains(f.namespaces, "") {
		return usage("leave the flag out, or give it a value", "--namespace is empty")
	}
	if f.all && len(f.namespaces) > 0 {
		return usage("leave one of them out", "--namespace and --all-namespaces say two things")
	}
	return nil
}

// stored are the Secrets of the folder of certificates that is named, or nil.
func (f *sourceFlags) stored() (*stored, error) {
	switch {
	case f.given("pki") && f.pki.dir == "":
		return nil, usage("leave the flag out, or name a folder", "--pki is empty")
	case f.given("pki"):
		return storeSecrets(f.pki)
	case f.given("age-identity"):
		return nil, usage("add --pki DIR", "--age-identity without --pki")
	}
	return nil, nil
}

// readCluster reads until it is done or the user interrupts it.
func (f *sourceFlags) readCluster(ctx context.Context, target mesh.Target) (*bundle.Bundle, error) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	b, err := cluster.Read(ctx, cluster.Options{
		Kubeconfig: f.kubeconfig, Context: f.context, Namespaces: f.namespaces,
		Root: []string{target.RootNamespace, target.EgressNamespace(target.RootNamespace), target.IngressNamespace(target.RootNamespace)},
	})
	var known *cluster.Error
	switch {
	case err == nil:
		return b, nil
	case ctx.Err() != nil:
		return nil, &statusError{errors.New("interrupted"), exitInterrupted, ""}
	case errors.As(err, &known) && known.Misuse:
		return nil, &statusError{known, exitUsage, known.Hint}
	case errors.As(err, &known):
		return nil, &statusError{known, exitEnvironment, known.Hint}
	}
	return nil, environment(err)
}
