// What scenarios that join two meshes have in common, whatever joins them.
local mesh = import 'mesh.libsonnet';
local o = import 'objects.libsonnet';
local samples = import 'samples.libsonnet';

local url(link) = 'http://' + link.host + (if link.export.port == 80 then '' else ':' + link.export.port);

{
  // exporting are the namespaces of the exports.
  exporting(d):: std.set([e.namespace for e in d.own.exports]),
  // calling is the client's namespace, where it is in this mesh.
  calling(d):: o.onlyIf(d.calls, d.client.namespace),

  workload(d, t):: if !d.calls then [] else samples.plainCaller(d.client, t, if std.length(d.links) == 0 then '' else url(d.links[0])),

  service(d, t):: std.flatMap(function(e) samples.callee(t, e.namespace, e.name, e.port, d.expose.image, account=e.serviceAccount), d.own.exports),

  // share leads a share of the calls to a name of the caller's mesh away; there is the destination of that share, to what
  // else must be said to it, and here the subset that the other calls stay with, if any.
  share(d, t, there, to={}, here=''):: if !d.splits then [] else (
    local host = d.split.host;
    local link = $.shared(d);
    local stay = { host: host, [if here != '' then 'subset']: here, port: { number: link.export.port } };
    [o.entry('leads ' + d.split.percent + ' of a hundred calls to ' + host + ' to mesh ' + d.other.name, o.virtualService(t, d.client.namespace, o.fit('share-' + d.name), {
      exportTo: ['.'],
      hosts: [host],
      gateways: ['mesh'],
      http: [{
        match: [{ port: link.export.port }],
        route: [{ destination: there, weight: d.split.percent } + to]
               + o.onlyIf(d.split.percent < 100, { destination: stay, weight: 100 - d.split.percent }),
      }],
    }))]
  ),

  // shared is the link that a share of the calls goes over: the one of the same service name.
  shared(d):: (
    local service = std.split(d.split.host, '.')[0];
    [l for l in d.links if l['import'].as.name == service][0]
  ),
}
