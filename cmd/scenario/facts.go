package main

import (
	"strings"

	"github.com/spf13/pflag"

	"github.com/meshscenario/scenario/traffic"
)

// factsHelp says how facts are written.
const factsHelp = `outbound=registry-only or allow-any, mesh-mtls=strict or permissive, Secret/NAMESPACE/NAME, ConfigMap/NAMESPACE/NAME,
Service/NAMESPACE/NAME:PORT (http-8080 tells the protocol too), Namespace/NAME (one of the mesh, with injection).`

func addAssume(flags *pflag.FlagSet, into *[]string) {
	flags.StringArrayVar(into, "assume", nil, "a fact of the cluster, such as outbound=registry-only or Secret/shop/client; repeatable")
}

func parseFacts(texts []string) (traffic.Facts, error) {
	facts, err := traffic.ParseFacts(texts)
	if err != nil {
		return facts, usage("write one of "+strings.Join(traffic.FactForms, ", "), "--assume: %w", err)
	}
	return facts, nil
}
