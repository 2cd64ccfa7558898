// Two meshes joined by the federation of OpenShift Service Mesh 2: each keeps a gateway for the other, on the way out and on
// the way in, and discovery goes the same way. Everything but the caller's VirtualService is in the control plane's namespace.
local mesh = import 'mesh.libsonnet';
local o = import 'objects.libsonnet';

local ingress(peer) = 'ingress-' + peer.name;
local egress(peer) = 'egress-' + peer.name;

// The ports on which federation's gateways listen; istiod takes no others (maistra/istio
// pkg/servicemesh/federation/common/const.go).
local calls = 15443;
local discovery = 8188;

local object(kind, d, spec) = {
  apiVersion: 'federation.maistra.io/v1',
  kind: kind,
  // istiod finds the sets of a peer by its name.
  metadata: { namespace: d.own.namespace, name: d.other.name },
  spec: spec,
};

local alias(named) = if named.as.namespace == named.namespace && named.as.name == named.name then {} else { alias: named.as };

{
  egressLabels(d):: { 'federation.maistra.io/egress-for': d.other.name },

  // additions are what a control plane needs for its peer.
  additions(d):: (
    local g = d.own.gateway;
    local port(name, number, node) = { name: name, port: number, [if g.service == 'NodePort' then 'nodePort']: node };
    {
      security: { trust: { domain: d.own.trustDomain } },
      gateways: {
        additionalEgress: {
          [egress(d.other)]: {
            enabled: true,
            routerMode: 'sni-dnat',
            // istiod gives the services of a peer the network of the peer's name (maistra/istio
            // pkg/servicemesh/federation/discovery/controller.go).
            requestedNetworkView: [d.other.network],
            service: {
              metadata: { labels: $.egressLabels(d) },
              ports: [{ name: 'tls', port: calls }, { name: 'http-discovery', port: discovery }],
            },
          },
        },
        additionalIngress: {
          [ingress(d.other)]: {
            enabled: true,
            routerMode: 'sni-dnat',
            service: {
              type: g.service,
              metadata: {
                labels: { 'federation.maistra.io/ingress-for': d.other.name },
                // A balancer that ends TLS or speaks HTTP would break the mutual TLS of the two meshes.
                [if g.service == 'LoadBalancer' then 'annotations']: { 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb' },
              },
              ports: [port('tls', calls, g.servicePort), port('https-discovery', discovery, g.discoveryPort)],
            },
          },
        },
      },
    }
  ),

  federation(d, t):: [
    o.entry('adds to the control plane what joins mesh ' + d.other.name + ': the gateways between the two, and the trust domain by which they are told apart', mesh.smcp(d) + { spec: $.additions(d) }),
  ],

  // peering is all by which the mesh knows the other, and what they use of each other. Without an address of the other there
  // is no peer, and so nothing that refers to it.
  peering(d, t):: (
    local remote = d.other.gateway;
    local root = d.other.name + '-ca-root-cert';
    o.onlyIf(d.other.rootCertificate != '', o.entry(
      'the root of mesh ' + d.other.name + ', which its gateways are verified against',
      o.configMap(d.own.namespace, root, { 'root-cert.pem': d.other.rootCertificate })
    ))
    + if std.length(remote.addresses) == 0 then [] else (
      [o.entry('mesh ' + d.other.name + ': where it is reached, whom it lets in and who is let in', object('ServiceMeshPeer', d, {
        remote: { addresses: remote.addresses, discoveryPort: remote.discoveryPort, servicePort: remote.servicePort },
        gateways: { ingress: { name: ingress(d.other) }, egress: { name: egress(d.other) } },
        security: {
          trustDomain: d.other.trustDomain,
          // Without spiffe://, as istiod compares it with what the peer's egress gateway shows.
          clientID: d.other.trustDomain + '/ns/' + d.other.namespace + '/sa/' + egress(d.own) + '-service-account',
          certificateChain: { kind: 'ConfigMap', name: root },
        },
      }))]
      + o.onlyIf(std.length(d.own.exports) > 0, o.entry('what mesh ' + d.other.name + ' may use of this one', object('ExportedServiceSet', d, {
        exportRules: [{ type: 'NameSelector', nameSelector: { namespace: e.namespace, name: e.name } + alias(e) } for e in d.own.exports],
      })))
      + o.onlyIf(std.length(d.own.imports) > 0, o.entry('what this mesh uses of mesh ' + d.other.name, object('ImportedServiceSet', d, {
        importRules: [
          {
            type: 'NameSelector',
            importAsLocal: i['local'],
            nameSelector: { namespace: i.namespace, name: i.name }
                          // A local name needs its namespace written (maistra/istio pkg/servicemesh/federation/common/imports.go).
                          + if i['local'] then { alias: i.as } else alias(i),
          }
          for i in d.own.imports
        ],
      })))
    )
  ),
}
