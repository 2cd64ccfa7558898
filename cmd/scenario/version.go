package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/mesh"
)

func versionCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version and the targets it knows",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			version, goVersion := version()
			fmt.Fprintf(s.out, "scenario %s %s\n", version, goVersion)
			for _, t := range mesh.All {
				fmt.Fprintf(s.out, "%-10s %s\n", t.Name, t.Product)
			}
			return nil
		},
	}
}

// version is that of the program, and of the Go that built it.
func version() (own, goVersion string) {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version, info.GoVersion
	}
	return "unknown", ""
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("scenario "+cmd.Name()+" --help shows its use", "%s takes no argument, but got %q", cmd.Name(), args[0])
	}
	return nil
}
