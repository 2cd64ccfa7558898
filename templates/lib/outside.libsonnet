// The outside service as a mesh sees it: its ServiceEntry and the TLS that a proxy adds on the way to it.
local o = import 'objects.libsonnet';

local isWildcard(host) = host[0] == '*';

{
  originates(d):: d.encryption == 'simple' || d.encryption == 'mutual',

  // protocol is how Istio names what goes through a port of the outside service.
  protocol(d):: { http: 'HTTP', http2: 'HTTP2', grpc: 'GRPC', tls: 'TLS', tcp: 'TCP' }[d.service.protocol],

  // entry is the ServiceEntry, with one port, seen by its own namespace alone.
  entry(d, t, namespace, number, targetPort=number):: o.serviceEntry(t, namespace, o.fit(d.name + '-ext'), {
    hosts: [d.service.host],
    [if std.length(d.service.addresses) > 0 then 'addresses']: d.service.addresses,
    location: 'MESH_EXTERNAL',
    // Every name of a wildcard has an address of its own, so the connection goes where the application dialled.
    resolution: if isWildcard(d.service.host) then 'NONE' else 'DNS',
    ports: [{
      number: number,
      name: d.service.protocol,
      protocol: $.protocol(d),
      [if targetPort != number then 'targetPort']: targetPort,
    }],
    [if std.length(d.service.endpoints) > 0 then 'endpoints']: [
      { address: e.address, [if e.locality != '' then 'locality']: e.locality }
      for e in d.service.endpoints
    ],
    exportTo: ['.'],
  }),

  // tls is what the proxy does on the way out. sni and subjectAltNames are always written, and together: before Istio
  // 1.21 nothing sends a name unless told to, and since then a written sni switches the automatic name check off.
  tls(d, credentials, files)::
    local system = credentials.ca == 'system';
    local mutual = d.encryption == 'mutual';
    {
      mode: if mutual then 'MUTUAL' else 'SIMPLE',
      sni: d.service.sni,
      subjectAltNames: d.service.subjectAltNames,
      [if !files && !system then 'credentialName']: credentials.secret,
      [if files || system then 'caCertificates']: if system then 'system' else credentials.mountPath + '/ca.crt',
      [if files && mutual then 'clientCertificate']: credentials.mountPath + '/tls.crt',
      [if files && mutual then 'privateKey']: credentials.mountPath + '/tls.key',
    },

  // failover keeps calls in the first region that answers, where endpoints in several regions are given; else it is
  // null. Without outlierDetection Istio ignores localities.
  failover(d):: if std.length(d.service.endpoints) < 2 then null else (
    local regions = std.foldl(
      function(seen, r) if std.member(seen, r) then seen else seen + [r],
      [std.split(e.locality, '/')[0] for e in d.service.endpoints if e.locality != ''],
      []
    );
    if std.length(regions) < 2 then null else {
      outlierDetection: { consecutive5xxErrors: 3, interval: '10s', baseEjectionTime: '30s', maxEjectionPercent: 100 },
      loadBalancer: {
        localityLbSetting: {
          enabled: true,
          failover: [
            { from: regions[i], to: regions[(i + 1) % std.length(regions)] }
            for i in std.range(0, std.length(regions) - 1)
          ],
        },
      },
    }
  ),

  // originationRule is a DestinationRule by which proxies add TLS to the outside host on a port.
  originationRule(d, t, namespace, name, port, tls, exportTo='.', workload=null)::
    local failover = $.failover(d);
    o.destinationRule(t, namespace, o.fit(name), {
      exportTo: [exportTo],
      host: d.service.host,
      trafficPolicy: { portLevelSettings: [{
        port: { number: port },
        tls: tls,
        [if failover != null then 'outlierDetection']: failover.outlierDetection,
        [if failover != null then 'loadBalancer']: failover.loadBalancer,
      }] },
      [if workload != null then 'workloadSelector']: { matchLabels: workload },
    }),

  // credentialAccess lets istiod give the Secret to a sidecar: it asks whether the pod's ServiceAccount may list Secrets.
  credentialAccess(d, c):: (
    local name = o.fit(d.name + '-read-secrets-' + c.serviceAccount);
    [
      o.entry('istiod gives a Secret to a sidecar only if its ServiceAccount may list Secrets', o.role(c.namespace, name, o.readSecrets)),
      o.entry('binds that permission to ServiceAccount ' + c.serviceAccount + ', and so to every pod that runs as it; a ServiceAccount of its own keeps it to ' + c.name, o.roleBinding(c.namespace, name, c.serviceAccount)),
    ]
  ),

  // origination is all by which the sidecars of a namespace add TLS on a port for the plan's clients.
  origination(d, t, port):: (
    local first = d.clients[0].credentials;
    local namespace = d.client.namespace;
    local name = 'originate-' + d.encryption + '-' + d.name;
    local why = 'adds TLS (' + d.encryption + ') on port ' + port + ' and verifies ' + std.join(', ', d.service.subjectAltNames);
    local system = { mode: 'SIMPLE', sni: d.service.sni, subjectAltNames: d.service.subjectAltNames, caCertificates: 'system' };
    local forClient(c) = (
      local files = c.credentials.delivery == 'mount';
      [o.entry('the sidecar of ' + c.name + ' ' + why, $.originationRule(
        d,
        t,
        namespace,
        name + '-' + c.name,
        port,
        $.tls(d, c.credentials, files),
        workload=c.labels
      ))]
      + if files || d.encryption == 'simple' && t.gates.caOnlySecretNoRBAC then [] else $.credentialAccess(d, c)
    );
    if first.ca == 'system' then [
      o.entry('every sidecar of ' + namespace + ' ' + why + ' with the CA bundle of its image', $.originationRule(d, t, namespace, name, port, system)),
    ]
    else if !t.gates.drWorkloadSelector then [
      o.entry('every sidecar of ' + namespace + ' ' + why, $.originationRule(d, t, namespace, name, port, $.tls(d, first, true))),
    ]
    else std.flatMap(forClient, d.clients) + [
      // The other workloads see the ServiceEntry too, and would send plaintext to a TLS port. The namespace is exported
      // to by its name, not by a dot: since 1.24 istiod drops a rule without workloadSelector when one with it has the
      // same exportTo (istio/istio pilot/pkg/model/destination_rule.go).
      o.entry('other sidecars of ' + namespace + ' hold no Secret: they verify with the CA bundle of their image, and never send plaintext', $.originationRule(
        d, t, namespace, 'originate-others-' + d.name, port, system, exportTo=namespace
      )),
    ]
  ),

  // plain is the DestinationRule of an outside host that is called without TLS, where it needs one: where the operator's
  // mesh-wide rule would else make the sidecar speak the mesh's own TLS to a host that is not in the mesh, or where
  // failover is asked for.
  plain(d, t, namespace, port):: (
    local caught = d.mesh.mtls == 'strict' && t.meshWideMTLSHost != ''
                   && std.endsWith(d.service.host, t.meshWideMTLSHost[1:]);
    local failover = $.failover(d);
    if !caught && failover == null then []
    else [o.entry(
      if caught then 'keeps the mesh-wide mutual TLS (host ' + t.meshWideMTLSHost + ') away from a host that is not in the mesh'
      else 'fails over between the endpoints of ' + d.service.host,
      o.destinationRule(t, namespace, o.fit((if caught then 'disable-mtls-' else 'failover-') + d.name), {
        exportTo: ['.'],
        host: d.service.host,
        trafficPolicy: {
          [if caught then 'tls']: { mode: 'DISABLE' },
          [if failover != null then 'outlierDetection']: failover.outlierDetection,
          [if failover != null then 'loadBalancer']: failover.loadBalancer,
        },
      })
    )]
  ),
}
