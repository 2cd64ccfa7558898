package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// replayed are the arguments by which another verb is asked for the same definitions, as words of a shell: the scenario
// or its files, and the flags that fill a definition, as they were given. Definitions that came by stdin are a file yet to
// be named.
func (f definitionFlags) replayed(cmd *cobra.Command, args []string) string {
	words := slices.Clone(args)
	if len(args)+len(f.files) == 0 {
		words = append(words, "-f", "FILE")
	}
	own := &cobra.Command{}
	new(definitionFlags).add(own)
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if own.Flags().Lookup(flag.Name) == nil && flag.Name != "pki" {
			return
		}
		name := "--" + flag.Name
		switch value := flag.Value.(type) {
		case pflag.SliceValue:
			values := value.GetSlice()
			if flag.Name == "include" {
				values = []string{strings.Join(values, ",")}
			}
			for _, v := range values {
				if flag.Name == "filename" {
					name = "-f"
					if v == "-" {
						v = "FILE"
					}
				}
				words = append(words, name, v)
			}
		default:
			if flag.Value.Type() != "bool" {
				words = append(words, name, flag.Value.String())
			} else if flag.Value.String() == "true" {
				words = append(words, name)
			}
		}
	})
	for i, w := range words {
		words[i] = quoted(w)
	}
	return strings.Join(words, " ")
}
