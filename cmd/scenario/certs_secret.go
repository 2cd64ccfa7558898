package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/certs"
	"github.com/meshscenario/scenario/generator"
	"github.com/meshscenario/scenario/scenarios"
)

// secretFlags are the flags of certs secret.
type secretFlags struct {
	definitionFlags
	pkiFlags
	output, mesh string
}

func certsSecretCommand(s streams) *cobra.Command {
	var f secretFlags
	cmd := &cobra.Command{
		Use:   "secret [ID | -f PATH]",
		Short: "Write the Secrets that carry the certificates",
		Long: `Examples:
  scenario certs secret 1b --mtls | oc apply --server-side -f -
                                                   those of that scenario
  scenario certs secret | oc apply --server-side -f -
                                                   all that the folder has certificates for
  scenario certs secret 2a --target ossm-3.4 --mesh east | oc apply --server-side -f -
                                                   those for the cluster of one of two meshes
  (umask 077 && scenario certs secret -o json > secrets.json)
                                                   into a file that nobody else can read

They hold private keys: nothing is written to a terminal. With --server-side, no copy of them is kept in an annotation.

Exit status: 0 written; 2 wrong use; 3 a certificate is missing: certs issue makes it.`,
		Args:              cobra.ArbitraryArgs,
		RunE:              func(cmd *cobra.Command, args []string) error { return writeSecrets(s, cmd, f, args) },
		ValidArgsFunction: completeScenarios,
	}
	f.definitionFlags.add(cmd)
	f.pkiFlags.add(cmd)
	cmd.Flags().StringVarP(&f.output, "output", "o", "yaml", "yaml or json")
	cmd.Flags().StringVar(&f.mesh, "mesh", "", "for which of the two meshes of 2a and 2b, each of which has a cluster of its own")
	completeWith(cmd, "output", []string{"yaml", "json"})
	return cmd
}

func writeSecrets(s streams, cmd *cobra.Command, f secretFlags, args []string) error {
	if f.output != "yaml" && f.output != "json" {
		return usage("the formats are yaml and json", "unknown format %q", f.output)
	}
	if screen, ok := s.screen.(*os.File); ok && isatty.IsTerminal(screen.Fd()) {
		return usage("send it on: scenario certs secret | oc apply --server-side -f -", "Secrets hold private keys, which are not shown on a terminal")
	}
	store, err := f.open()
	if err != nil {
		return err
	}
	objects, err := store.Secrets()
	if err != nil {
		return f.failed(err)
	}
	if len(args)+len(f.files) > 0 {
		if objects, err = f.secretsOf(s, cmd, args, store, objects); err != nil {
			return err
		}
	} else if err := f.unused(cmd, "name a scenario, or leave it out: without one, it is all that the folder has"); err != nil {
		return err
	} else if len(objects) == 0 {
		return f.nothing(store)
	}
	b := &bundle.Bundle{Objects: objects}
	if f.output == "json" {
		return b.JSON(s.out)
	}
	return b.YAML(s.out, false)
}

// nothing says why there is no Secret to write.
func (f secretFlags) nothing(store *certs.Store) error {
	for _, e := range store.Entries() {
		if e.Purpose == certs.Intermediate && len(e.Secrets) > 0 {
			return usage("scenario certs secret 2a --mesh "+e.Secrets[0].Cluster+f.argument()+", with the definition's own arguments", "%s holds CAs of clusters, each for one mesh", store.Dir())
		}
	}
	return &statusError{fmt.Errorf("%s holds no certificate that a Secret carries", store.Dir()), exitInput, "scenario certs issue 1b --mtls" + f.argument() + " issues what that scenario needs"}
}

// secretsOf are those of the objects that the definitions name.
func (f secretFlags) secretsOf(s streams, cmd *cobra.Command, args []string, store *certs.Store, objects []*bundle.Object) ([]*bundle.Object, error) {
	plans, parts, err := f.plans(s, cmd, args)
	if err != nil {
		return nil, err
	}
	found, err := needed(store, scenarios.Secrets(plans, generator.Options{Parts: parts}.PartsOf), objects, f.replayed(cmd, args))
	if err != nil {
		return nil, err
	}
	own, err := f.authorities(store, plans)
	return append(found, own...), err
}

// authorities are the Secrets with the CA of one cluster.
func (f secretFlags) authorities(store *certs.Store, plans []*scenarios.Plan) ([]*bundle.Object, error) {
	all := scenarios.Authorities(plans)
	var meshes []string
	for _, a := range all {
		meshes = append(meshes, a.Mesh)
	}
	switch {
	case f.mesh == "" && len(all) == 0:
		return nil, nil
	case f.mesh == "":
		return nil, usage("--mesh "+strings.Join(meshes, " or --mesh "), "each mesh has a cluster, and Secret %s/%s, of its own", all[0].Namespace, all[0].Name)
	case !slices.Contains(meshes, f.mesh):
		return nil, usage("leave --mesh out, or name one of two meshes that share a root", "--mesh: no mesh %q has a CA of its own here", f.mesh)
	}
	held, err := store.SecretsOf(f.mesh)
	if err != nil {
		return nil, f.failed(err)
	}
	var found []*bundle.Object
	for _, a := range all {
		if a.Mesh != f.mesh {
			continue
		}
		i := slices.IndexFunc(held, func(o *bundle.Object) bool { return o.Namespace == a.Namespace && o.Name == a.Name })
		if i < 0 {
			return nil, &statusError{fmt.Errorf("%s holds no CA of mesh %s for Secret %s/%s", store.Dir(), a.Mesh, a.Namespace, a.Name), exitInput, "scenario certs issue, with the same arguments, issues what is missing"}
		}
		found = append(found, held[i])
	}
	return found, nil
}

// needed are the objects for these Secrets, in their order. One that the store has no certificate or CA for is an error;
// by the arguments, certs issue makes it.
func needed(store *certs.Store, secrets []scenarios.Secret, objects []*bundle.Object, arguments string) ([]*bundle.Object, error) {
	var found []*bundle.Object
	var errs []error
	for _, secret := range secrets {
		keys := map[string]any{}
		for _, o := range objects {
			if o.Namespace == secret.Namespace && (o.Name == secret.Name || o.Name == secret.Name+"-cacert") {
				found = append(found, o)
				data, _ := o.Tree()["data"].(map[string]any)
				maps.Copy(keys, data)
			}
		}
		if keys["tls.key"] == nil && secret.Pair != nil || keys["ca.crt"] == nil && secret.CA {
			what := "nothing"
			if len(keys) > 0 {
				what = "not all"
			}
			errs = append(errs, fmt.Errorf("%s holds %s for Secret %s/%s, which %s reads", store.Dir(), what, secret.Namespace, secret.Name, secret.Reader))
		}
	}
	if len(errs) > 0 {
		return nil, &statusError{errors.Join(errs...), exitInput, "scenario certs issue " + arguments + " issues what is missing"}
	}
	return found, nil
}
