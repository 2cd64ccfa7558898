// 2b where nothing federates: two meshes that know nothing of each other. What one exports, the other declares by hand, and
// leads there through its own egress gateway, which speaks the meshes' mutual TLS to the other's east-west gateway.
//
// As in 1b, the host is declared twice, and each ServiceEntry is seen by its own namespace alone: what clients see of it is
// the egress gateway.
local eastwest = import 'eastwest.libsonnet';
local joined = import 'joined.libsonnet';
local mesh = import 'mesh.libsonnet';
local o = import 'objects.libsonnet';

local isAddress(a) = std.length(std.findSubstr(':', a)) > 0 || std.all([std.member('0123456789.', c) for c in std.stringChars(a)]);

// settings are those of the control plane, as values of Istio's charts.
local settings(d) = {
  [if d.own.trustDomain != 'cluster.local' || d.other.trustDomain != d.own.trustDomain then 'meshConfig']: {
    trustDomain: d.own.trustDomain,
    // Workloads let in whom they know the trust domain of.
    [if d.other.trustDomain != d.own.trustDomain then 'trustDomainAliases']: [d.other.trustDomain],
  },
};

local upper = { http: 'HTTP', http2: 'HTTP2', grpc: 'GRPC' };

{
  objects(d, t):: (
    local e = d.egress;
    local egressHost = e.service + '.' + e.namespace + '.svc.cluster.local';
    local gateway = o.fit('egress-' + d.name);
    // Until it is known where the other mesh is reached, no call is led there.
    local links = if std.length(d.other.gateway.addresses) == 0 then [] else d.links;
    local subset(l) = o.fit(l.export.name + '-' + l.export.namespace);
    local named(prefix, l) = o.fit(prefix + l.export.name + '-' + l.export.namespace + '-' + d.name);
    local port(l) = { number: l.export.port, name: l.export.protocol, protocol: upper[l.export.protocol] };
    local toGateway(l) = { host: egressHost, subset: subset(l), port: { number: 443 } };

    local entry(l, namespace, resolution, endpoints, names) = o.serviceEntry(t, namespace, named('', l), {
      hosts: [l.host],
      location: 'MESH_INTERNAL',
      resolution: resolution,
      ports: [port(l)],
      endpoints: endpoints,
      [if std.length(names) > 0 then 'subjectAltNames']: names,
      exportTo: ['.'],
    });

    local clientSide = std.flatMap(function(l) [
      o.entry('declares ' + l.host + ' to clients; there is nothing of it but the egress gateway', entry(l, d.client.namespace, 'DNS', [
        { address: egressHost, ports: { [l.export.protocol]: 443 } },
      ], [])),
      o.entry('sends calls to ' + l.host + ' to the egress gateway', o.virtualService(t, d.client.namespace, named('to-egress-', l), {
        exportTo: ['.'],
        hosts: [l.host],
        gateways: ['mesh'],
        http: [{ match: [{ port: l.export.port }], route: [{ destination: toGateway(l) }] }],
      })),
    ], links) + o.onlyIf(std.length(links) > 0, o.entry(
      "from the sidecars to the egress gateway: the mesh's own mutual TLS, with the service's name as SNI, by which the gateway chooses its server",
      o.destinationRule(t, d.client.namespace, o.fit('egressgateway-for-' + d.name), {
        exportTo: ['.'],
        host: egressHost,
        subsets: [
          {
            name: subset(l),
            trafficPolicy: { portLevelSettings: [{
              port: { number: 443 },
              tls: { mode: 'ISTIO_MUTUAL', sni: l.host },
              // The gateway's port does not say HTTP/2, and gRPC does not survive a downgrade.
              [if l.export.protocol != 'http' then 'connectionPool']: { http: { h2UpgradePolicy: 'UPGRADE' } },
            }] },
          }
          for l in links
        ],
      })
    ));

    local gatewaySide = std.flatMap(function(l) [
      o.entry('declares ' + l.host + ' to the egress gateway: it is behind the gateway of mesh ' + d.other.name + ', and shows the identity of its ServiceAccount', entry(
        l, e.namespace, if std.all([isAddress(a) for a in d.other.gateway.addresses]) then 'STATIC' else 'DNS', [
          // The label says that mutual TLS of the mesh is spoken there; without it the call would be plain.
          { address: a, ports: { [l.export.protocol]: d.other.gateway.servicePort }, labels: { 'security.istio.io/tlsMode': 'istio' } }
          for a in d.other.gateway.addresses
        ], ['spiffe://' + d.other.trustDomain + '/ns/' + l.export.namespace + '/sa/' + l.export.serviceAccount]
      )),
      o.entry('from the egress gateway to ' + l.host, o.virtualService(t, e.namespace, named('from-egress-', l), {
        exportTo: ['.'],
        hosts: [l.host],
        gateways: [e.namespace + '/' + gateway],
        http: [{ match: [{ port: 443 }], route: [{ destination: { host: l.host, port: { number: l.export.port } } }] }],
      })),
    ], links) + o.onlyIf(std.length(links) > 0, o.entry('the egress gateway takes what this mesh imports of mesh ' + d.other.name, o.gateway(t, e.namespace, gateway, e.selector, [
      {
        port: { number: 443, name: o.fit('https-' + subset(l)), protocol: 'HTTPS' },
        hosts: [l.host],
        tls: { mode: 'ISTIO_MUTUAL' },
      }
      for l in links
    ])));

    local members = std.set(joined.exporting(d) + joined.calling(d));
    // Applications find an address by DNS; where it leads, the sidecar decides by the name.
    local holders = std.setDiff(std.set([l.export.namespace for l in links]), members);

    {
      around:: mesh.around(d, t, members, egress=if std.length(d.links) > 0 then '' else null, more=settings(d)) + {
        namespaces+: [o.entry('holds names of services of mesh ' + d.other.name, o.namespace(n, {})) for n in holders],
      },
      federation: o.onlyIf(t.controlPlane == 'Istio' && std.length(settings(d)) > 0, o.entry('adds to the control plane the trust domain, and whom else to trust', {
        apiVersion: 'sailoperator.io/v1',
        kind: 'Istio',
        metadata: { name: d.mesh.name },
        spec: { namespace: d.mesh.namespace, version: t.version, values: settings(d) },
      })) + eastwest.objects(d, t),
      workload: joined.workload(d, t),
      service: joined.service(d, t),
      traffic: eastwest.passes(d, t) + [
        o.entry('the name of ' + l.host + ' in this cluster, for DNS alone', o.nameOnly(l.export.namespace, l.export.name, [{ name: l.export.portName, port: l.export.port }]))
        for l in links
      ] + clientSide + gatewaySide + (
        if std.length(links) == 0 then [] else (
          local shared = joined.shared(d);
          joined.share(d, t, toGateway(shared), to={ headers: { request: { set: { Host: shared.host } } } })
        )
      ),
      'network-policy': if !d.calls then [] else [mesh.onlyWayOut(d, t, d.client, e.namespace, e.selector, 'the egress gateway')],
    }
  ),
}
