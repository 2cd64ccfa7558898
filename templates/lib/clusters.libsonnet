// 2a where nothing federates: two clusters that are one mesh, each with a control plane and a network of its own. istiod reads
// the services of both clusters, and leads calls to the other network through its east-west gateway.
local eastwest = import 'eastwest.libsonnet';
local joined = import 'joined.libsonnet';
local mesh = import 'mesh.libsonnet';
local o = import 'objects.libsonnet';

// settings are those of the control plane, as values of Istio's charts.
local settings(d) = {
  global: { meshID: d.name, multiCluster: { clusterName: d.own.cluster }, network: d.own.network },
  meshConfig: {
    // Of services that both clusters happen to have, only those that are imported have pods in both.
    serviceSettings: [{ settings: { clusterLocal: true }, hosts: ['*.svc.cluster.local'] }]
                     + o.onlyIf(std.length(d.links) > 0, { settings: { clusterLocal: false }, hosts: [l.host for l in d.links] }),
    [if d.own.trustDomain != 'cluster.local' then 'trustDomain']: d.own.trustDomain,
  },
};

local clusterSubset(name) = { name: name, labels: { 'topology.istio.io/cluster': name } };

{
  objects(d, t):: (
    local imported = std.set([l['import'].namespace for l in d.links]);
    local members = std.set(joined.exporting(d) + joined.calling(d) + imported);
    // A share of the calls to the imported service itself stays with its pods here.
    local itself = d.splits && d.split.host == joined.shared(d).host;
    // The other cluster asks for its share by the name of a subset in SNI, of which this one's gateway knows by a rule here.
    local asked = d.split.percent != null && d.split.mesh == d.own.name && std.member([eastwest.fqdn(e) for e in d.own.exports], d.split.host);
    {
      around:: mesh.around(d, t, members, more=settings(d)),
      federation: [
        o.entry('says which network this cluster is', o.namespace(d.own.namespace, { 'topology.istio.io/network': d.own.network })),
      ] + o.onlyIf(t.controlPlane == 'Istio', o.entry('adds to the control plane what makes one mesh of two clusters: the name of both, of this cluster and its network, and which services have pods in both', {
        apiVersion: 'sailoperator.io/v1',
        kind: 'Istio',
        metadata: { name: d.mesh.name },
        spec: { namespace: d.mesh.namespace, version: t.version, values: settings(d) },
      })) + eastwest.objects(d, t, d.own.network),
      workload: joined.workload(d, t),
      service: joined.service(d, t),
      traffic: eastwest.passes(d, t) + o.onlyIf(asked, o.entry('the east-west gateway knows the subset that mesh ' + d.other.name + ' asks for: the pods of this cluster', o.destinationRule(t, d.own.namespace, o.fit('cluster-of-' + d.name), {
        exportTo: ['.'],
        host: d.split.host,
        subsets: [clusterSubset(d.own.cluster)],
      }))) + [
        // With the port's name as in the other cluster: istiod puts endpoints and ports together by it.
        o.entry('the Service as it is in the other cluster, whose pods answer; pods here would answer too', o.service(
          l.export.namespace, l.export.name, { app: l.export.name }, [{ name: l.export.portName, port: l.export.port }]
        ))
        for l in d.links
        if !(itself && l.host == d.split.host)
      ] + (
        if !itself then joined.share(d, t, { host: joined.shared(d).host, port: { number: joined.shared(d).export.port } })
        else [o.entry('tells the pods of ' + d.split.host + ' in the two clusters apart', o.destinationRule(t, d.client.namespace, o.fit('clusters-of-' + d.name), {
          exportTo: ['.'],
          host: d.split.host,
          subsets: [clusterSubset(d.own.cluster), clusterSubset(d.other.cluster)],
        }))] + joined.share(d, t, { host: d.split.host, subset: d.other.cluster, port: { number: joined.shared(d).export.port } }, here=d.own.cluster)
      ),
    }
  ),
}
