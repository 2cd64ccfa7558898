// expose: make a service of the mesh reachable from outside.
local exposed = import 'lib/exposed.libsonnet';
local mesh = import 'lib/mesh.libsonnet';

function(d, t) {
  around:: mesh.around(d, t, [d.expose.namespace], ingress=''),
  workload: exposed.sample(d, t),
  traffic: exposed.objects(d, t),
}
