package main

import (
	"slices"

	"github.com/spf13/pflag"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
)

// A peerFlag names the manifests of another mesh, for verbs that look across the border.
type peerFlag struct{ paths []string }

func (f *peerFlag) add(flags *pflag.FlagSet, usage string) {
	flags.StringArrayVar(&f.paths, "peer", nil, usage+": a file or folder; repeatable")
}

// read gives the manifests, or nil where none are named.
func (f *peerFlag) read(s streams) (*bundle.Bundle, error) {
	switch {
	case len(f.paths) == 0:
		return nil, nil
	case slices.Contains(f.paths, ""):
		return nil, usage("leave the flag out, or name a file or folder", "--peer is empty")
	case slices.Contains(f.paths, "-"):
		return nil, usage("write the other mesh's manifests into a file", "--peer -: stdin is for the manifests of this mesh")
	}
	b, err := bundle.Load(f.paths, s.in)
	if err != nil {
		return nil, input(err)
	}
	tellAside(s.err, b.Aside)
	return b, manifests(source{b, "--peer " + f.paths[0]}, f.paths, "scenario validate FILE --peer FILE")
}

// index makes the manifests ready to be walked through.
func (f *peerFlag) index(s streams, target mesh.Target) (*traffic.Index, error) {
	b, err := f.read(s)
	if b == nil || err != nil {
		return nil, err
	}
	x, err := traffic.NewIndex(b, traffic.Options{Target: target, Assume: true})
	if err != nil {
		return nil, input(err)
	}
	return x, nil
}
