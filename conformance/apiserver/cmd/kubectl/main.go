// Command kubectl is kubectl: by itself, because a program that is also an API server takes three times as long to start,
// and scripts start it often.
package main

import (
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
)

// main does as kubectl's own main does, so that errors read as people see them.
func main() {
	if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err)
	}
}
