// Package contrast knows the configuration of the service mesh of Edgeless Systems' Contrast: the strings that its
// sidecar reads, what they mean to a connection, and where they stand in a pod. It reads no files, renders no objects and
// judges no workload but by its strings; of the house it imports nothing.
//
// What it says of the sidecar is read from its code, https://github.com/edgelesssys/contrast/tree/main/service-mesh, and
// what it says of annotations from the mutators of `contrast generate`,
// https://github.com/edgelesssys/contrast/blob/main/internal/kuberesource/mutators.go.
package contrast
