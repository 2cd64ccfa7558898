// A service of a mesh behind its ingress gateway, and behind OpenShift's router where there is one.
local mesh = import 'mesh.libsonnet';
local o = import 'objects.libsonnet';
local samples = import 'samples.libsonnet';

{
  // objects are the Gateway, VirtualService and Route.
  objects(d, t):: (
    local x = d.expose;
    local host = d.service.host;
    local service = x.name + '.' + x.namespace + '.svc.cluster.local';
    local name = o.fit(d.name + '-ingress');
    local gateway = x.gateway.namespace + '/' + name;
    local app = d.encryption == 'passthrough';
    local plain = d.encryption == 'none';
    local termination = x.route.termination;
    local number = if plain then 80 else 443;
    local destination = { host: service, port: { number: x.port } };
    [
      o.entry(
        'the ingress gateway takes ' + host + ' on port ' + number + (
          if plain then ' as plain HTTP'
          else if app then ' and passes its TLS through'
          else ' and ends its TLS' + if d.encryption == 'mutual' then '; callers must show a certificate' else ''
        ),
        o.gateway(t, x.gateway.namespace, name, x.gateway.selector, [{
          port: {
            number: number,
            name: o.fit((if plain then 'http-' else if app then 'tls-' else 'https-') + d.name),
            protocol: if plain then 'HTTP' else if app then 'TLS' else 'HTTPS',
          },
          // Routers send no server name when they re-encrypt, so the server must take every name.
          hosts: if termination == 'reencrypt' then ['*'] else [host],
          [if !plain then 'tls']: if app then { mode: 'PASSTHROUGH' } else {
            mode: o.upper[d.encryption],
            credentialName: x.secret,
            minProtocolVersion: 'TLSV1_2',
            [if std.length(x.clientNames) > 0 then 'subjectAltNames']: x.clientNames,
          },
        }], if t.automaticRoutes && t.gates.manageRouteAnnotation then { 'maistra.io/manageRoute': 'false' } else {})
      ),
      o.entry('from the ingress gateway to ' + service, o.virtualService(t, x.namespace, name, {
        hosts: [host],
        gateways: [gateway],
        // The gateway lives in another namespace, and must see this.
        exportTo: ['.'] + o.onlyIf(x.gateway.namespace != x.namespace, x.gateway.namespace),
      } + if app then {
        tls: [{ match: [{ port: 443, sniHosts: [host] }], route: [{ destination: destination }] }],
      } else {
        http: [{
          [if x.pathPrefix != '/' then 'match']: [{ uri: { prefix: x.pathPrefix } }],
          route: [{ destination: destination }],
        }],
      })),
    ]
    + o.onlyIf(t.routes, o.entry('the router leads ' + host + ' to the ingress gateway' + {
      passthrough: ' and leaves its TLS alone',
      edge: ' and ends its TLS',
      reencrypt: ', ends its TLS and makes a new one to the gateway',
      none: ' as plain HTTP',
    }[termination], o.route(x.gateway.namespace, o.fit(d.name), {
      host: host,
      to: { kind: 'Service', name: x.gateway.service, weight: 100 },
      port: { targetPort: if plain then 'http2' else 'https' },
      [if termination != 'none' then 'tls']: {
        termination: termination,
        insecureEdgeTerminationPolicy: { none: 'None', allow: 'Allow', redirect: 'Redirect' }[x.route.insecure],
        [if termination == 'reencrypt' then 'destinationCACertificate']: x.route.destinationCACertificate,
      },
      wildcardPolicy: 'None',
    })))
  ),

  // sample is the service itself.
  sample(d, t):: samples.callee(
    t,
    d.expose.namespace,
    d.expose.name,
    d.expose.port,
    d.expose.image,
    if d.encryption == 'passthrough' then d.expose.secret else ''
  ),

  // otherSide is all of it as the laboratory counterpart of a scenario that calls out: a Service of the cluster that
  // the mesh does not know, or a service behind the ingress gateway.
  otherSide(d, t):: (
    local inCluster = std.endsWith(d.service.host, '.svc.cluster.local');
    local labels = std.split(d.service.host, '.');
    if inCluster then {
      'namespaces+service': [o.entry('holds the sample service, outside the mesh', o.namespace(labels[1], {}))],
      service: samples.callee(t, labels[1], labels[0], d.service.port, d.expose.image, sidecar=false),
    } else {
      'namespaces+service'+: mesh.namespaces(d, t, [d.expose.namespace]),
      'members+service'+: mesh.members(d, t, [d.expose.namespace]),
      service: $.sample(d, t) + $.objects(d, t),
    }
  ),
}
