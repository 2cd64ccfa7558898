// Command scenario renders what a workload of an Istio or OpenShift Service Mesh needs to talk to something outside it.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
