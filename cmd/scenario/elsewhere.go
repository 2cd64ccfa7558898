package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/mesh"
)

// elsewhere refuses flags that mean nothing where the target is no Istio, rather than pass over what somebody asked for:
// unfollowed are those of requests that a verb does not follow there.
func elsewhere(cmd *cobra.Command, target mesh.Target, assume []string, unfollowed ...string) error {
	if target.Family == mesh.IstioFamily {
		return nil
	}
	for _, name := range unfollowed {
		if cmd.Flags().Changed(name) {
			return usage(fmt.Sprintf("leave it out; scenario trace --target %s --to URL follows one", target.Name),
				"--%s: scenario %s follows no requests on target %s", name, cmd.Name(), target.Name)
		}
	}
	if cmd.Flags().Changed("peer") {
		return usage("leave it out, and ask about each mesh by itself", "--peer: meshes of target %s are not joined", target.Name)
	}
	for _, fact := range assume {
		if name, _, _ := strings.Cut(fact, "="); name == "outbound" || name == "mesh-mtls" {
			return usage("leave it out", "--assume %s: has no meaning on target %s: it is a setting of Istio", fact, target.Name)
		}
	}
	return nil
}
