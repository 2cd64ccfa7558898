// A scenario on OpenShift Service Mesh 2, whose federation always leaves by a gateway of its own: 2a and 2b are one there.
local joined = import 'joined.libsonnet';
local mesh = import 'mesh.libsonnet';
local o = import 'objects.libsonnet';
local peers = import 'peers.libsonnet';

{
  objects(d, t):: {
    // A name of this cluster's own is known in the namespace that it says.
    local members = std.set(joined.exporting(d) + joined.calling(d) + [i.as.namespace for i in d.own.imports if i['local']]),

    around:: mesh.around(d, t, members, more=peers.additions(d)),
    federation: peers.federation(d, t),
    workload: joined.workload(d, t),
    service: joined.service(d, t),
    traffic: peers.peering(d, t) + (
      local shared = joined.shared(d);
      joined.share(d, t, { host: shared.host, port: { number: shared.export.port } })
    ),
  },

  // onlyWayOut lets the client reach the gateway to the other mesh and nothing else outside its namespace.
  onlyWayOut(d, t):: {
    'network-policy': if !d.calls then [] else [
      mesh.onlyWayOut(d, t, d.client, d.own.namespace, peers.egressLabels(d), 'the gateway to mesh ' + d.other.name),
    ],
  },
}
