// The gateway between clusters: it takes mutual TLS of the mesh, untouched, and leads it by its SNI to a service that is
// exported. It holds no certificate and ends no TLS.
local mesh = import 'mesh.libsonnet';
local o = import 'objects.libsonnet';

local service = 'istio-eastwestgateway';
local selector = { istio: 'eastwestgateway' };
local port = 15443;

local ports(g) = {
  service: [
    { name: 'status-port', port: 15021, targetPort: 15021 },
    { name: 'tls', port: port, targetPort: port, [if g.service == 'NodePort' then 'nodePort']: g.servicePort },
  ],
  pods: [{ containerPort: port, name: 'tls' }],
};

{
  // fqdn is what a service is called in its own cluster.
  fqdn(e):: e.name + '.' + e.namespace + '.svc.cluster.local',

  // objects are the gateway, where something is exported. With a network, the other cluster's istiod finds it by that label,
  // and nodes' addresses where it has no balancer; and it leads to its own network alone.
  objects(d, t, network=''):: if std.length(d.own.exports) == 0 then [] else (
    local labels = if network == '' then {} else { 'topology.istio.io/network': network };
    local node = network != '' && d.own.gateway.service == 'NodePort';
    local made = mesh.gatewayObjects(
      d,
      t,
      'east-west',
      d.own.namespace,
      service,
      selector,
      d.own.gateway.service,
      ports(d.own.gateway),
      if network == '' then [] else [{ name: 'ISTIO_META_REQUESTED_NETWORK_VIEW', value: network }],
      labels,
    );
    [
      if e.object.kind != 'Service' || network == '' then e else e { object+: { metadata+: {
        labels+: labels,
        [if node then 'annotations']: { 'traffic.istio.io/nodeSelector': std.manifestJsonMinified({ 'kubernetes.io/os': 'linux' }) },
      } } }
      for e in made
    ]
  ),

  // passes lets calls from the other mesh through to what is exported, and to nothing else.
  passes(d, t):: o.onlyIf(std.length(d.own.exports) > 0, o.entry(
    'the east-west gateway leads calls of mesh ' + d.other.name + ' to what this one exports, by their SNI; their TLS stays what it is',
    o.gateway(t, d.own.namespace, o.fit('exports-' + d.name), selector, [{
      port: { number: port, name: 'tls', protocol: 'TLS' },
      hosts: [$.fqdn(e) for e in d.own.exports],
      tls: { mode: 'AUTO_PASSTHROUGH' },
    }])
  )),
}
