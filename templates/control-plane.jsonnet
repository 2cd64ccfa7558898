// control-plane: the control plane, its gateways and its members.
local mesh = import 'lib/mesh.libsonnet';
local samples = import 'lib/samples.libsonnet';

function(d, t) {
  around:: mesh.around(d, t, [d.client.namespace], egress='', ingress=''),
  workload: samples.plainCaller(d.client, t),
}
