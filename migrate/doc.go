// Package migrate turns manifests of OpenShift Service Mesh 2 into those of OpenShift Service Mesh 3, and says of each
// thing what became of it: mapped, changed in its meaning, to be decided by a person, or dropped.
//
// What is made keeps names and namespaces: the control plane's namespace, the gateways' Services and ServiceAccounts. So
// the objects that speak of them stay as they are, certificates of both meshes have one root, and a request goes the way
// it went. Where it does not, [Result.Differences] says which request, where, and which entry of the report tells why.
//
// [Helm] does the like with values of the chart of Istio 1.0: they become values of the charts of today, and objects.
//
// It reads no cluster and writes no file. It knows the fields of a ServiceMeshControlPlane by tables (settings_*.go); what
// is not in the table is never dropped in silence, but named for a person to decide.
package migrate
