package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/tyk"
)

func tykCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tyk",
		Short: "Say what the mesh of tyk-k8s does to workloads, and plan its grants and certificates",
		Long: `Examples:
  scenario tyk preview app.yaml                    the pods and Services as the injector leaves them, and what breaks
  scenario tyk apis app.yaml -o operator           the API definitions that it makes, for Tyk Operator
  scenario tyk grants app.yaml                     who may call whom, and the client certificates that takes
  scenario tyk renewal --records k8s_ca.json --apis apis/
                                                   what to do now for the certificates of the mesh

tyk-k8s is legacy: its repository is closed, and before it serves its webhook it waits for Ingresses of
networking.k8s.io/v1beta1, which clusters have not had since Kubernetes 1.22. What is said here is true of its last
code. Its successor is Tyk Operator, which injects nothing. Nothing here talks to a cluster, to Tyk or to a database.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	cmd.AddCommand(tykPreviewCommand(s), tykAPIsCommand(s), tykGrantsCommand(s), tykRenewalCommand(s))
	return cmd
}

// tykFlags say what the controller is configured with.
type tykFlags struct {
	config, org string
	tls         bool

	given func(flag string) bool
}

func (f *tykFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.config, "config", "", "configuration of tyk-k8s (default: the manifests' ConfigMap that has one, else its sample's injector)")
	flags.BoolVar(&f.tls, "tls", false, "without a configuration: last-mile TLS, as enableMeshTLS has it")
	flags.StringVar(&f.org, "org", "", "id of the organisation in Tyk (default: the configuration's)")
	f.given = flags.Changed
}

// A meshed is a workload or a Service of a bundle, and its object.
type meshed struct {
	object   *bundle.Object
	workload *tyk.Workload
	service  *corev1.Service
}

// A tykInput is what the commands about workloads read.
type tykInput struct {
	objects    []meshed // in the order of the manifests, those that the injector leaves alone too
	controller tyk.Controller
}

func (in tykInput) workloads() (all []tyk.Workload) {
	for _, o := range in.objects {
		if o.workload != nil {
			all = append(all, *o.workload)
		}
	}
	return all
}

// read reads manifests and the configuration. What the controller makes of the configuration is said on stderr.
func (f tykFlags) read(s streams, verb string, paths []string) (tykInput, error) {
	var in tykInput
	if f.config == "" && f.given("config") {
		return in, usage("leave the flag out, or name a file", "--config is empty")
	}
	b, err := (&sourceFlags{given: func(string) bool { return false }}).read(context.Background(), s, verb, paths, mesh.Target{})
	if err != nil {
		return in, err
	}
	if err := manifests(b, paths, verb); err != nil {
		return in, err
	}
	var errs []error
	for _, o := range b.Latest().Objects {
		typed, err := typedForTyk(o)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %s: %w", o.At(""), o.ID, err))
			continue
		}
		if w, ok := tyk.WorkloadOf(typed); ok {
			in.objects = append(in.objects, meshed{object: o, workload: &w})
		} else if service, ok := typed.(*corev1.Service); ok {
			in.objects = append(in.objects, meshed{object: o, service: service})
		}
	}
	if err := errors.Join(errs...); err != nil {
		return in, input(err)
	}
	in.controller, err = f.controller(s, b.Bundle)
	if f.org != "" {
		in.controller.Dashboard.Org = f.org
	}
	return in, err
}

// typedForTyk is an object in its typed form. The versions of workloads that tyk-k8s was written for, long gone, are read
// as today's, which have the same fields.
func typedForTyk(o *bundle.Object) (any, error) {
	id := o.ID
	if slices.Contains([]string{"extensions/v1beta1", "apps/v1beta1", "apps/v1beta2"}, id.APIVersion) {
		id.APIVersion = "apps/v1"
	}
	if group, _, ok := strings.Cut(id.APIVersion, "/"); ok && !slices.Contains([]string{"apps", "batch"}, group) {
		return nil, nil
	}
	return bundle.Decode(id, o.JSON)
}
