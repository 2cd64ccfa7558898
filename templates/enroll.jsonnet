// enroll: make a workload part of the mesh.
local mesh = import 'lib/mesh.libsonnet';
local samples = import 'lib/samples.libsonnet';

function(d, t) {
  around:: mesh.around(d, t, [d.client.namespace]),
  workload: samples.plainCaller(d.client, t),
}
