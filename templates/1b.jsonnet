// 1b: call an outside host through an egress gateway.
//
// The host is declared twice: for the clients with the port they dial, and for the gateway with the port on the wire.
// Each ServiceEntry is seen by its own namespace alone, so a client cannot reach the wire port past the gateway, and an
// HTTP port 443 in sight of clients cannot take over the TLS of other hosts where sidecars do not tell them apart.
local exposed = import 'lib/exposed.libsonnet';
local mesh = import 'lib/mesh.libsonnet';
local o = import 'lib/objects.libsonnet';
local outside = import 'lib/outside.libsonnet';
local samples = import 'lib/samples.libsonnet';

function(d, t)
  local v = d.service;
  local e = d.egress;
  local app = d.encryption == 'passthrough';
  local inner = if app then 'app' else e.innerTLS;
  local port = if inner == 'none' then 80 else 443;
  local subset = d.name;
  local egressHost = e.service + '.' + e.namespace + '.svc.cluster.local';
  local gateway = o.fit('egress-' + d.name);
  local namespaces = if std.length(d.clients) == 1 then [d.client.namespace] else std.set([c.namespace for c in d.clients]);
  local http2 = v.protocol == 'http2' || v.protocol == 'grpc';
  local toGateway = { destination: { host: egressHost, subset: subset, port: { number: port } } };
  local toHost = { destination: { host: v.host, port: { number: v.port } } };

  local clientSide(namespace) = [
    o.entry('declares ' + v.host + ' to clients: applications dial port ' + v.appPort, outside.entry(d, t, namespace, v.appPort)),
    o.entry('from the sidecars to the egress gateway: ' + {
      mutual: "the mesh's own mutual TLS, with the outside name as SNI, by which the gateway chooses its server",
      none: 'plain HTTP',
      app: "the application's TLS, untouched",
    }[inner], o.destinationRule(t, namespace, o.fit('egressgateway-for-' + d.name), {
      exportTo: ['.'],
      host: egressHost,
      subsets: [{
        name: subset,
        trafficPolicy: { portLevelSettings: [{
          port: { number: port },
          // The gateway chooses its server by this name, whatever name goes out later.
          tls: if inner == 'mutual' then { mode: 'ISTIO_MUTUAL', sni: v.host } else { mode: 'DISABLE' },
          // The gateway's port does not say HTTP/2, and gRPC does not survive a downgrade.
          [if http2 then 'connectionPool']: { http: { h2UpgradePolicy: 'UPGRADE' } },
        }] },
      }],
    })),
    o.entry('sends calls to ' + v.host + ' to the egress gateway', o.virtualService(t, namespace, o.fit('to-egress-' + d.name), {
      exportTo: ['.'],
      hosts: [v.host],
      gateways: ['mesh'],
    } + if app then {
      tls: [{ match: [{ port: v.appPort, sniHosts: [v.host] }], route: [toGateway] }],
    } else {
      http: [{ match: [{ port: v.appPort }], route: [toGateway] }],
    })),
  ];

  local gatewaySide = [
    o.entry('declares ' + v.host + ' to the egress gateway, with the port on the wire', outside.entry(d, t, e.namespace, v.port)),
    o.entry('the egress gateway takes ' + v.host + ' on port ' + port, o.gateway(t, e.namespace, gateway, e.selector, [{
      port: {
        number: port,
        name: o.fit({ mutual: 'https-', none: 'http-', app: 'tls-' }[inner] + d.name),
        protocol: { mutual: 'HTTPS', none: 'HTTP', app: 'TLS' }[inner],
      },
      hosts: [v.host],
      [if inner != 'none' then 'tls']: { mode: if app then 'PASSTHROUGH' else 'ISTIO_MUTUAL' },
    }])),
    o.entry('from the egress gateway to ' + v.host, o.virtualService(t, e.namespace, o.fit('from-egress-' + d.name), {
      exportTo: ['.'],
      hosts: [v.host],
      gateways: [e.namespace + '/' + gateway],
    } + if app then {
      tls: [{ match: [{ port: port, sniHosts: [v.host] }], route: [toHost] }],
    } else {
      http: [{ match: [{ port: port }], route: [toHost] }],
    })),
  ];

  local outsideTLS =
    if outside.originates(d) then [
      o.entry(
        'the egress gateway adds TLS (' + d.encryption + ') and verifies ' + std.join(', ', v.subjectAltNames) + '; sidecars do not see this rule',
        outside.originationRule(d, t, e.namespace, 'originate-' + d.encryption + '-' + d.name, v.port, outside.tls(d, d.credentials, false))
      ),
    ]
    else outside.plain(d, t, e.namespace, v.port);

  {
    around:: mesh.around(d, t, namespaces, egress='', ingress=if std.endsWith(v.host, '.svc.cluster.local') then null else '+service') + exposed.otherSide(d, t),
    workload: std.flatMap(function(c) samples.caller(d, t, c), d.clients),
    traffic: std.flatMap(clientSide, namespaces) + gatewaySide + outsideTLS,
    'network-policy': [mesh.onlyWayOut(d, t, c, e.namespace, e.selector, 'the egress gateway') for c in d.clients],
  }
