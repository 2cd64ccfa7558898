// 1a: call an outside host directly from the sidecar.
local exposed = import 'lib/exposed.libsonnet';
local mesh = import 'lib/mesh.libsonnet';
local o = import 'lib/objects.libsonnet';
local outside = import 'lib/outside.libsonnet';
local samples = import 'lib/samples.libsonnet';

function(d, t)
  local namespace = d.client.namespace;
  local v = d.service;

  {
    around:: mesh.around(d, t, [namespace], ingress=if std.endsWith(v.host, '.svc.cluster.local') then null else '+service') + exposed.otherSide(d, t),
    workload: std.flatMap(function(c) samples.caller(d, t, c), d.clients),
    traffic: (
      // Where the host stays undeclared, the bundle says for whom: everything outside may be called, by this workload alone.
      if d.undeclared then [
        o.entry('lets ' + c.name + ' call hosts that nothing declares, ' + v.host + ' among them', o.sidecar(t, namespace, o.fit(c.name + '-allow-any'), {
          workloadSelector: { labels: c.labels },
          egress: [{ hosts: ['*/*'] }],
          outboundTrafficPolicy: { mode: 'ALLOW_ANY' },
        }))
        for c in d.clients
      ] else [
        o.entry(
          'declares ' + v.host + ': applications dial port ' + v.appPort + if v.appPort != v.port then ', the sidecar port ' + v.port else '',
          outside.entry(d, t, namespace, v.appPort, v.port)
        ),
      ]
    ) + (
      if d.undeclared then []
      else if outside.originates(d) then outside.origination(d, t, v.appPort)
      else outside.plain(d, t, namespace, v.appPort)
    ),
  }
