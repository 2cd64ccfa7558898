package main

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/contrast"
	"github.com/meshscenario/scenario/scenarios"
	"github.com/meshscenario/scenario/veil"
)

type contrastFlags struct {
	contrast.Strings
	generation, output string
}

func explainContrastCommand(s streams) *cobra.Command {
	var f contrastFlags
	cmd := &cobra.Command{
		Use:   "contrast [FILE|DIR|-]...",
		Short: "Say what strings of Contrast's service mesh do: what each port asks for, and where each socket leads",
		Long: `Examples:
  scenario explain contrast --ingress 'web#8080#false##metrics#7890#true'
  scenario explain contrast --egress 'billing#127.137.0.1:8081#billing-svc:8080' --admin-port 9901
  scenario explain contrast manifests/      every workload in them that has Contrast's configuration
  scenario explain contrast web.yaml -o json

A sidecar reads NAME#PORT#BOOL entries for what comes in, and NAME#LISTEN#REMOTE entries for what goes out, with ##
between them. PORT is the application's; false is TLS without a client certificate, true is no TLS at all, and a port
without an entry asks for a client certificate. LISTEN is a socket of 127.0.0.0/8 that the application calls instead of
REMOTE.

What the sidecar does not start with is an error, with its place. What it starts with, and takes for something else than
was probably meant, is explained as it takes it, and then said.

-o json is an object {"sidecars": [{"workload", "at", "place", "generation", "strings", "model", "inbound", "outbound", "admin",
"bypasses", "notes", "faults"}]}; fields may be added, and none changes its meaning.

Exit status: 0 explained; 1 explained, and something is wrong; 2 wrong use; 3 a sidecar does not start with what it is
told, or the input cannot be read.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd, args); err != nil {
				return err
			}
			return f.explain(s, cmd, args)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.Ingress, "ingress", "", "what comes in: NAME#PORT#BOOL, with ## between entries")
	flags.StringVar(&f.Egress, "egress", "", "what goes out: NAME#LISTEN#REMOTE, with ## between entries")
	flags.StringVar(&f.AdminPort, "admin-port", "", "the port of Envoy's admin interface")
	flags.StringVar(&f.generation, "generation", string(contrast.Current), "whose sidecar reads the strings: current, or legacy with variables EDG_…")
	flags.StringVarP(&f.output, "output", "o", "text", "text or json")
	completeWith(cmd, "generation", generations())
	completeWith(cmd, "output", explainFormats)
	return cmd
}

var explainFormats = []string{"text", "json"}

func generations() []string {
	var names []string
	for _, g := range contrast.Generations {
		names = append(names, string(g))
	}
	return names
}

// byFlags tells whether the strings are given as flags, be it as empty ones.
func byFlags(cmd *cobra.Command) bool {
	return slices.ContainsFunc([]string{"ingress", "egress", "admin-port"}, cmd.Flags().Changed)
}

func (f *contrastFlags) check(cmd *cobra.Command, args []string) error {
	for _, one := range []struct {
		flag, value string
		known       []string
	}{{"--generation", f.generation, generations()}, {"-o", f.output, explainFormats}} {
		if !slices.Contains(one.known, one.value) {
			hint := "write " + strings.Join(one.known, " or ")
			if n := scenarios.Nearest(one.value, one.known); n != "" {
				hint = "did you mean " + n + "? " + hint
			}
			return usage(hint, "%s: unknown value %q", one.flag, one.value)
		}
	}
	switch {
	case byFlags(cmd) && len(args) > 0:
		return usage("leave one of them out", "strings and files at once")
	case cmd.Flags().Changed("generation") && !byFlags(cmd):
		return usage("leave it out: of files, the variables tell", "--generation without --ingress, --egress or --admin-port")
	}
	return nil
}

func (f *contrastFlags) explain(s streams, cmd *cobra.Command, args []string) error {
	var all []contrastSidecar
	if byFlags(cmd) {
		all = []contrastSidecar{contrastOfFlags(contrast.Generation(f.generation), f.Strings)}
	} else {
		var err error
		if all, err = contrastOfFiles(s, args); err != nil {
			return err
		}
	}
	if err := stoppedSidecars(s.err, all); err != nil {
		return err
	}
	var out bytes.Buffer
	if f.output == "json" {
		e := json.NewEncoder(&out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(map[string]any{"sidecars": all}); err != nil {
			return err
		}
	} else {
		writeSidecars(&out, all, s.width())
	}
	// A name may be anything, a key by mistake too.
	if _, err := io.WriteString(s.out, veil.Draw(out.String())); err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(c contrastSidecar) bool { return len(c.Faults) > 0 }) {
		return errFindings
	}
	return nil
}
