package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/certs"
	"github.com/meshscenario/scenario/generator"
	"github.com/meshscenario/scenario/kit"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/scenarios"
)

// bootstrapFlags are the flags of bootstrap.
type bootstrapFlags struct {
	definitionFlags
	pkiFlags
	to, secrets, mesh string
	overwrite, inGit  bool
}

func bootstrapCommand(s streams) *cobra.Command {
	var f bootstrapFlags
	cmd := &cobra.Command{
		Use:   "bootstrap (ID | -f PATH) --to DIR",
		Short: "Make the whole kit of a scenario: manifests, and scripts that apply, try and undo them",
		Long: `Examples:
  scenario bootstrap 1b --mtls --to kit/           the whole laboratory of mutual TLS through an egress gateway
  scenario bootstrap expose --include traffic --to kit/
                                                   what is applied where mesh and service are there already
  scenario bootstrap -f definitions/ --pki /srv/pki --to kit/

  cat kit/README.md                                what must be there first, and what is made
  kit/apply.sh && kit/test.sh                      applied in order, and tried
  kit/undo.sh                                      deletes what apply.sh made, and nothing else

The scripts need a POSIX shell, oc or kubectl, and curl for test.sh. They find the cluster as oc does.

Private keys are in no file of a kit: apply.sh has scenario certs secret hand the Secrets to the cluster (--secrets
reference). With --secrets inline they are among the manifests; with none, somebody else makes them.

Exit status: 0 made; 1 what was rendered is wrong; 2 wrong use; 3 input that cannot be read or is not valid, or, with
--secrets inline, certificates that are missing; 4 the kit could not be written.`,
		Args:              cobra.ArbitraryArgs,
		RunE:              func(cmd *cobra.Command, args []string) error { return bootstrap(s, cmd, f, args) },
		ValidArgsFunction: completeScenarios,
	}
	f.definitionFlags.add(cmd)
	f.pkiFlags.add(cmd)
	flags := cmd.Flags()
	flags.Lookup("include").Usage = "parts of the kit: " + partNames(scenarios.Parts) + " or all (default: all)"
	flags.StringVar(&f.to, "to", "", "the folder of the kit")
	flags.StringVar(&f.mesh, "mesh", bothMeshes, "which of the two meshes that 2a and 2b join: its name, or both where one cluster has them")
	flags.BoolVar(&f.overwrite, "overwrite", false, "replace the files of a kit that is there")
	flags.StringVar(&f.secrets, "secrets", string(kit.Reference), "where the Secrets come from: reference (apply.sh makes them of the certificates), inline or none")
	flags.BoolVar(&f.inGit, "in-git", false, "with --secrets inline: allow private keys inside a Git work tree")
	completeWith(cmd, "secrets", kit.SecretModes)
	return cmd
}

func bootstrap(s streams, cmd *cobra.Command, f bootstrapFlags, args []string) error {
	if err := f.check(cmd); err != nil {
		return err
	}
	if len(f.include) == 0 {
		f.include = []string{"all"}
		if err := cmd.Flags().Set("include", "all"); err != nil { // what is advised says it too
			return err
		}
	}
	drafts, err := f.written(s, cmd, args)
	if err != nil {
		return err
	}
	plans, parts, err := f.resolve(drafts)
	if err != nil {
		return err
	}
	if plans, err = chooseMesh(plans, f.mesh, true); err != nil {
		return err
	}
	if other := slices.IndexFunc(plans, func(p *scenarios.Plan) bool { return p.Target.Name != plans[0].Target.Name }); other > 0 {
		return usage("make a kit for each", "a kit is for one cluster: the definitions have targets %s and %s", plans[0].Target.Name, plans[other].Target.Name)
	}
	if target := plans[0].Target; target.Family != mesh.IstioFamily {
		return usage("scenario render --to DIR writes the manifests, and says what they need", "the scripts of a kit wait for a mesh of Istio and try it: there is none for target %s", target.Name)
	}
	options := generator.Options{Parts: parts, Why: true}
	secrets, err := inlineFlags{way: f.secrets, pki: f.pkiFlags}.open(f.replayed(cmd, args))
	if err != nil {
		return err
	}
	b, _, err := renderBundle(plans, options, secrets)
	if err != nil {
		return err
	}
	if err := checkRendered(plans, options, secrets, b); err != nil {
		return err
	}
	k := kit.Kit{Plans: plans, PartsOf: options.PartsOf, Bundle: b, Secrets: kit.Secrets(f.secrets), PKI: f.dir}
	if k.Definition, err = scenarios.Write(drafts, cmp.Or(os.Getenv("SCENARIO_TARGET"), mesh.Default)); err != nil {
		return err
	}
	made, err := k.Files()
	if err != nil {
		return err
	}
	if err := writeKit(made, f.to, f.overwrite); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %s says what must be there first; then %s, %s and %s\n", f.to,
		quoted(filepath.Join(f.to, "README.md")), quoted(script(f.to, "apply.sh")), quoted(script(f.to, "test.sh")), quoted(script(f.to, "undo.sh")))
	return nil
}

// script is the path of a script as it is called: with a slash in it.
func script(dir, name string) string {
	path := filepath.Join(dir, name)
	if !strings.ContainsRune(path, filepath.Separator) || strings.HasPrefix(path, "-") {
		return "." + string(filepath.Separator) + path
	}
	return path
}

// check holds the flags against each other.
func (f bootstrapFlags) check(cmd *cobra.Command) error {
	for _, name := range []string{"target", "to", "include", "pki"} {
		if cmd.Flags().Changed(name) && (cmd.Flags().Lookup(name).Value.String() == "" || name == "include" && len(f.include) == 0) {
			return usage("leave the flag out, or give it a value", "--%s is empty", name)
		}
	}
	if f.to == "" {
		return usage("add --to DIR: a kit is a folder of manifests and scripts", "no folder for the kit")
	}
	if !slices.Contains(kit.SecretModes, f.secrets) {
		return usage("it is "+strings.Join(kit.SecretModes, ", "), "--secrets: unknown value %q", f.secrets)
	}
	if f.inGit && f.secrets != string(kit.Inline) {
		return usage("leave it out", "--in-git is for --secrets inline: no other kit has private keys")
	}
	if f.secrets == string(kit.Inline) && !f.inGit {
		var tree *certs.WorkTreeError
		if err := certs.CheckWorkTree(f.to); errors.As(err, &tree) {
			return &statusError{err, exitUsage, "choose a folder outside of it, leave the keys out with --secrets reference, or say --in-git"}
		} else if err != nil {
			return environment(err)
		}
	}
	return nil
}

// writeKit writes the files of a kit. Those of another that were left among its manifests would be applied with it.
func writeKit(made []kit.File, dir string, overwrite bool) error {
	names := map[string]bool{}
	var files []file
	for _, f := range made {
		names[f.Name] = true
		files = append(files, file{f.Name, f.Mode, f.Data})
	}
	entries, err := os.ReadDir(filepath.Join(dir, "manifests"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return environment(err)
	}
	for _, e := range entries {
		if !names["manifests/"+e.Name()] && overwrite {
			return usage("run the undo.sh that is there, and remove the folder", "%s is of another kit, and would be applied with this one", filepath.Join(dir, "manifests", e.Name()))
		}
	}
	return writeFiles(files, dir, overwrite)
}
