package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/tyk"
)

func tykPreviewCommand(s streams) *cobra.Command {
	var f tykFlags
	var output string
	cmd := &cobra.Command{
		Use:   "preview [FILE|-]...",
		Short: "Show pods and Services as the injector of tyk-k8s leaves them",
		Long: `Examples:
  scenario tyk preview app.yaml                    without last-mile TLS
  scenario tyk preview app.yaml --tls              with it
  scenario tyk preview app.yaml --config tyk-k8s.yaml
                                                   with what that configuration adds
  scenario render enroll --target tyk | scenario tyk preview

stdout has the manifests that the injector takes up, a workload with its pods as they become; stderr says what changed, what
breaks and what is refused. Values of the sidecar's secrets are not shown. The ids of the API definitions, which Tyk gives,
are left out.

Exit status: 0 nothing breaks; 1 something breaks or is refused; 2 wrong use; 3 input that cannot be read, or that the
controller ends because of.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return tykPreview(s, f, output, args) },
	}
	f.add(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "yaml", "yaml or json")
	completeWith(cmd, "output", []string{"yaml", "json"})
	return cmd
}

func tykPreview(s streams, f tykFlags, output string, args []string) error {
	formats := map[string]func(*bundle.Bundle) error{
		"yaml": func(b *bundle.Bundle) error { return b.YAML(s.out, false) },
		"json": func(b *bundle.Bundle) error { return b.JSON(s.out) },
	}
	write, ok := formats[output]
	if !ok {
		return usage("the formats are yaml and json", "unknown format %q", output)
	}
	in, err := f.read(s, "scenario tyk preview FILE", args)
	if err != nil {
		return err
	}
	var shown bundle.Bundle
	wrong, alone := false, 0
	for _, o := range in.objects {
		p, taken := o.preview(in.controller)
		if !taken {
			alone++
			continue
		}
		wrong = o.tell(s, p) || wrong
		if p.Refused != "" {
			continue
		}
		object, err := o.injected(p)
		if err != nil {
			return environment(err)
		}
		shown.Objects = append(shown.Objects, object)
	}
	if alone > 0 {
		fmt.Fprintf(s.err, "scenario: left alone: %s\n", count(alone, "workload or Service", "workloads and Services"))
	}
	if len(shown.Objects) > 0 {
		if err := write(&shown); err != nil {
			return environment(err)
		}
	}
	if wrong {
		return errFindings
	}
	return nil
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// preview is what becomes of an object, and whether the injector takes it up at all.
func (o meshed) preview(c tyk.Controller) (p tyk.Preview, taken bool) {
	if o.workload != nil {
		return tyk.PreviewPods(*o.workload, c), o.workload.Meshed()
	}
	return tyk.PreviewService(*o.service), tyk.Meshed(o.service.Namespace, o.service.Annotations)
}

// tell says what changed, and whether something is wrong.
func (o meshed) tell(s streams, p tyk.Preview) (wrong bool) {
	say := func(what, text string) {
		fmt.Fprintf(s.err, "scenario: %s: %s: %s\n", o.object.ID, what, oneLine(text))
	}
	if p.Refused != "" {
		say("refused", p.Refused)
		return true
	}
	say("changes", strings.Join(p.Changes, "; "))
	for _, b := range p.Breaks {
		say("breaks", b)
	}
	return len(p.Breaks) > 0
}
