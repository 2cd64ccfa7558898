// The mesh itself: control plane, namespaces, membership, and gateways where they are installed by themselves.
local o = import 'objects.libsonnet';

local discovery = { 'istio-discovery': 'enabled' };

local injection(d) = if d.mesh.name == 'default' then { 'istio-injection': 'enabled' } else { 'istio.io/rev': d.mesh.name };

// gatewayObjects is a gateway that istiod makes of a Deployment whose pod asks for the template "gateway".
local gatewayObjects(d, t, parts, which, namespace, service, selector, type) = [
  o.entry(parts, 'the identity of the ' + which + ' gateway', o.serviceAccount(namespace, service)),
  o.entry(parts, 'the ' + which + ' gateway may read the Secrets its Gateways and DestinationRules name', o.role(namespace, service + '-sds', o.readSecrets)),
  o.entry(parts, 'binds that permission to the ' + which + ' gateway', o.roleBinding(namespace, service + '-sds', service)),
  o.entry(parts, 'the pods of the ' + which + ' gateway; istiod fills in the proxy', o.deployment(
    namespace,
    service,
    selector,
    {
      serviceAccountName: service,
      containers: [{
        name: 'istio-proxy',
        image: 'auto',
        ports: [{ containerPort: 8080, name: 'http2' }, { containerPort: 8443, name: 'https' }],
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          privileged: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
        },
      }],
    },
    {
      annotations: { 'inject.istio.io/templates': 'gateway' },
      labels: { 'sidecar.istio.io/inject': 'true', [if d.mesh.name != 'default' then 'istio.io/rev']: d.mesh.name },
    }
  )),
  o.entry(parts, 'the address of the ' + which + ' gateway', o.service(namespace, service, selector, [
    { name: 'http2', port: 80, targetPort: 8080 },
    { name: 'https', port: 443, targetPort: 8443 },
  ], type)),
];

local smcp(d) = {
  apiVersion: 'maistra.io/v2',
  kind: 'ServiceMeshControlPlane',
  metadata: { namespace: d.mesh.namespace, name: d.mesh.name },
};

local addons = {
  addons: {
    grafana: { enabled: true },
    jaeger: { install: { storage: { type: 'Memory' } } },
    kiali: { enabled: true },
    prometheus: { enabled: true },
  },
  tracing: { type: 'Jaeger', sampling: 10000 },
};

local controlPlane = {
  ServiceMeshControlPlane(d, t):: [
    o.entry(['control-plane'], 'the control plane: ' + d.mesh.outbound + ' outbound, mutual TLS ' + d.mesh.mtls, smcp(d) + {
      spec: {
        version: t.version,
        profiles: ['default'],
        policy: { type: 'Istiod' },
        telemetry: { type: 'Istiod' },
        security: { dataPlane: { automtls: true, mtls: d.mesh.mtls == 'strict' } },
        proxy: {
          networking: { trafficControl: { outbound: { policy: std.asciiUpper(std.strReplace(d.mesh.outbound, '-', '_')) } } },
          accessLogging: { file: { name: '/dev/stdout', encoding: 'JSON' } },
        },
        // Routes are written by hand here; the operator's own would claim the same hosts first.
        gateways: { openshiftRoute: { enabled: false } },
      } + if d.mesh.addons == 'all' then addons else {
        addons: {
          grafana: { enabled: false },
          kiali: { enabled: false },
          prometheus: { enabled: false },
        },
        tracing: { type: 'None' },
      },
    }),
  ],
  Istio(d, t):: [
    o.entry(['control-plane'], 'the CNI plugin, which OpenShift needs for sidecars without privileges', {
      apiVersion: 'sailoperator.io/v1',
      kind: 'IstioCNI',
      metadata: { name: 'default' },
      spec: { namespace: 'istio-cni', version: t.version },
    }),
    o.entry(['control-plane'], 'the control plane: ' + d.mesh.outbound + ' outbound', {
      apiVersion: 'sailoperator.io/v1',
      kind: 'Istio',
      metadata: { name: d.mesh.name },
      spec: {
        namespace: d.mesh.namespace,
        version: t.version,
        updateStrategy: { type: 'InPlace' },
        values: { meshConfig: $.meshConfig(d) },
      },
    }),
  ],
  Helm(d, t):: [
    o.entry(['control-plane'], 'values for the chart istiod; install the chart with them', o.configMap(d.mesh.namespace, 'scenario-helm-values', {
      'istiod.yaml': std.manifestYamlDoc({
        [if d.mesh.name != 'default' then 'revision']: d.mesh.name,
        meshConfig: $.meshConfig(d),
      }, quote_keys=false) + '\n',
    })),
  ],
  meshConfig(d):: {
    outboundTrafficPolicy: { mode: std.asciiUpper(std.strReplace(d.mesh.outbound, '-', '_')) },
    accessLogFile: '/dev/stdout',
    accessLogEncoding: 'JSON',
    discoverySelectors: [{ matchLabels: discovery }],
  },
};

{
  // podTrigger is the metadata by which a pod asks for its sidecar, on targets where the namespace does not.
  podTrigger(t):: (
    local trigger = { 'sidecar.istio.io/inject': 'true' };
    if !t.podInjection then {}
    else if t.gates.podInjectionLabel then { labels: trigger }
    else { annotations: trigger }
  ),

  // namespaces declares the control plane's own and those given, with the labels by which the target finds them.
  namespaces(d, t, app, parts):: [
    o.entry(parts, 'holds the workloads of the mesh', o.namespace(n, if t.memberRoll then {} else discovery + injection(d)))
    for n in app
  ],

  // members makes namespaces part of the mesh, where that is an object; elsewhere their labels do.
  members(d, t, app, parts=['members']):: (
    if !t.memberRoll then $.namespaces(d, t, app, parts)
    else if d.mesh.membership == 'roll' then [
      o.entry(parts, 'the namespaces of the mesh', {
        apiVersion: 'maistra.io/v1',
        kind: 'ServiceMeshMemberRoll',
        metadata: { namespace: d.mesh.namespace, name: 'default' },
        spec: { members: std.sort(app) },
      }),
    ]
    else [
      o.entry(parts, 'makes ' + n + ' part of the mesh', {
        apiVersion: 'maistra.io/v1',
        kind: 'ServiceMeshMember',
        metadata: { namespace: n, name: 'default' },
        spec: { controlPlaneRef: { namespace: d.mesh.namespace, name: d.mesh.name } },
      })
      for n in app
    ]
  ),

  // around is everything around the traffic: namespaces, control plane, membership of the app namespaces, and the
  // gateways that are wanted, each with what it waits for besides its own part: [] for nothing, null for no gateway.
  around(d, t, app, egress=null, ingress=null)::
    local wanted = [
      { waits: egress, which: 'egress', namespace: d.egress.namespace, service: d.egress.service, selector: d.egress.selector, type: 'ClusterIP' },
      { waits: ingress, which: 'ingress', namespace: d.expose.gateway.namespace, service: d.expose.gateway.service, selector: d.expose.gateway.selector, type: if t.routes then 'ClusterIP' else 'LoadBalancer' },
    ];
    local gateways = [g for g in wanted if g.waits != null && !t.builtInGateways];
    local members = app + if t.memberRoll && egress != null && d.egress.namespace != d.mesh.namespace then [d.egress.namespace] else [];
    [
      o.entry(['namespaces'], 'holds the control plane', o.namespace(d.mesh.namespace, if t.memberRoll then {} else discovery)),
    ]
    + (if t.controlPlane == 'Istio' then [o.entry(['namespaces', 'control-plane'], 'holds the CNI plugin', o.namespace('istio-cni', {}))] else [])
    + [
      o.entry(['namespaces'] + g.waits, 'holds the ' + g.which + ' gateway', o.namespace(g.namespace, discovery))
      for g in gateways
      if g.namespace != d.mesh.namespace
    ]
    + $.namespaces(d, t, app, ['namespaces'])
    + controlPlane[t.controlPlane](d, t)
    + (if t.controlPlane == 'ServiceMeshControlPlane' then [] else [
         o.entry(['control-plane'], 'mutual TLS inside the mesh: ' + d.mesh.mtls, o.peerAuthentication(t, d.mesh.namespace, 'default', { mtls: { mode: std.asciiUpper(d.mesh.mtls) } })),
       ])
    + std.flatMap(function(g) gatewayObjects(d, t, ['control-plane'] + g.waits, g.which, g.namespace, g.service, g.selector, g.type), gateways)
    + $.members(d, t, members),
}
