// The mesh itself: control plane, namespaces, membership, and gateways where they are installed by themselves.
local o = import 'objects.libsonnet';

// discovery is the label of namespaces that istiod looks at; several control planes in one cluster each have their own.
local discovery(d) = { 'istio-discovery': if d.mesh.name == 'default' then 'enabled' else d.mesh.name };

local injection(d) = if d.mesh.name == 'default' then { 'istio-injection': 'enabled' } else { 'istio.io/rev': d.mesh.name };

// secretAccess lets a gateway read the Secrets of its namespace.
local secretAccess(which, namespace, service) = [
  o.entry('the ' + which + ' gateway may read the Secrets its Gateways and DestinationRules name', o.role(namespace, service + '-sds', o.readSecrets)),
  o.entry('binds that permission to the ' + which + ' gateway', o.roleBinding(namespace, service + '-sds', service)),
];

// web are the ports of a gateway for HTTP and HTTPS, of its Service and of its pods.
local web = {
  service: [{ name: 'http2', port: 80, targetPort: 8080 }, { name: 'https', port: 443, targetPort: 8443 }],
  pods: [{ containerPort: 8080, name: 'http2' }, { containerPort: 8443, name: 'https' }],
};

// gatewayObjects is a gateway that istiod makes of a Deployment whose pod asks for the template "gateway".
local gatewayObjects(d, t, which, namespace, service, selector, type, ports=web, env=[], labels={}) = [
  o.entry('the identity of the ' + which + ' gateway', o.serviceAccount(namespace, service)),
  o.entry('the pods of the ' + which + ' gateway; istiod fills in the proxy', o.deployment(
    namespace,
    service,
    selector,
    {
      serviceAccountName: service,
      containers: [{
        name: 'istio-proxy',
        image: 'auto',
        [if std.length(env) > 0 then 'env']: env,
        ports: ports.pods,
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
      labels: { 'sidecar.istio.io/inject': 'true', [if d.mesh.name != 'default' then 'istio.io/rev']: d.mesh.name } + labels,
    }
  )),
  o.entry('the address of the ' + which + ' gateway', o.service(namespace, service, selector, ports.service, type)),
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
  ServiceMeshControlPlane(d, t, more):: [
    o.entry('the control plane: ' + d.mesh.outbound + ' outbound, mutual TLS ' + d.mesh.mtls, smcp(d) + {
      spec: std.mergePatch({
        version: t.version,
        profiles: ['default'],
        policy: { type: 'Istiod' },
        telemetry: { type: 'Istiod' },
        security: { dataPlane: { automtls: true, mtls: d.mesh.mtls == 'strict' } },
        proxy: {
          networking: { trafficControl: { outbound: { policy: o.upper[d.mesh.outbound] } } },
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
      }, more),
    }),
  ],
  Istio(d, t, more):: [
    o.entry('the CNI plugin, which OpenShift needs for sidecars without privileges', {
      apiVersion: 'sailoperator.io/v1',
      kind: 'IstioCNI',
      metadata: { name: 'default' },
      spec: { namespace: 'istio-cni', version: t.version },
    }),
    o.entry('the control plane: ' + d.mesh.outbound + ' outbound', {
      apiVersion: 'sailoperator.io/v1',
      kind: 'Istio',
      metadata: { name: d.mesh.name },
      spec: {
        namespace: d.mesh.namespace,
        version: t.version,
        updateStrategy: { type: 'InPlace' },
        values: std.mergePatch({ meshConfig: $.meshConfig(d) }, more),
      },
    }),
  ],
  Helm(d, t, more):: [
    o.entry('values for the chart istiod; install the chart with them', o.configMap(d.mesh.namespace, 'scenario-helm-values', {
      'istiod.yaml': std.manifestYamlDoc(std.mergePatch({
        [if d.mesh.name != 'default' then 'revision']: d.mesh.name,
        global: { istioNamespace: d.mesh.namespace },
        meshConfig: $.meshConfig(d),
      }, more), quote_keys=false) + '\n',
    })),
  ],
  meshConfig(d):: {
    outboundTrafficPolicy: { mode: o.upper[d.mesh.outbound] },
    accessLogFile: '/dev/stdout',
    accessLogEncoding: 'JSON',
    discoverySelectors: [{ matchLabels: discovery(d) }],
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

  // namespaces declares app namespaces, with the labels by which the target finds them.
  namespaces(d, t, app):: [
    o.entry('holds workloads of the mesh', o.namespace(n, if t.memberRoll then {} else discovery(d) + injection(d)))
    for n in app
  ],

  // members makes namespaces part of the mesh, where that is an object; elsewhere their labels do.
  members(d, t, app):: (
    if !t.memberRoll then $.namespaces(d, t, app)
    else if d.mesh.membership == 'roll' then [
      o.entry('the namespaces of the mesh', {
        apiVersion: 'maistra.io/v1',
        kind: 'ServiceMeshMemberRoll',
        metadata: { namespace: d.mesh.namespace, name: 'default' },
        spec: { members: std.set(app) },
      }),
    ]
    else [
      o.entry('makes ' + n + ' part of the mesh', {
        apiVersion: 'maistra.io/v1',
        kind: 'ServiceMeshMember',
        metadata: { namespace: n, name: 'default' },
        spec: { controlPlaneRef: { namespace: d.mesh.namespace, name: d.mesh.name } },
      })
      for n in app
    ]
  ),

  // around is everything around the traffic: namespaces, control plane, membership of the app namespaces, and the
  // gateways that are wanted, each with what it waits for besides its own part: '' for nothing, null for no gateway. more
  // is added to the control plane's settings: to the spec of a ServiceMeshControlPlane, to the values of Istio's charts.
  around(d, t, app, egress=null, ingress=null, more={})::
    // Gateways that run elsewhere than the control plane are seen by it only if their namespaces are members.
    local strangers = if !t.memberRoll then [] else std.set([
      n
      for n in (if egress == '' then [d.egress.namespace] else []) + (if ingress == '' then [d.expose.gateway.namespace] else [])
      if n != d.mesh.namespace && !std.member(app, n)
    ]);
    {
      namespaces: (
        [o.entry('holds the control plane', o.namespace(d.mesh.namespace, if t.memberRoll then {} else discovery(d)))]
        + $.namespaces(d, t, app + strangers)
      ),
      [if t.controlPlane == 'Istio' then 'namespaces+control-plane']: [o.entry('holds the CNI plugin', o.namespace('istio-cni', {}))],
      'control-plane': (
        controlPlane[t.controlPlane](d, t, more)
        + o.onlyIf(t.controlPlane != 'ServiceMeshControlPlane', o.entry(
          'mutual TLS inside the mesh: ' + d.mesh.mtls,
          o.peerAuthentication(t, d.mesh.namespace, 'default', { mtls: { mode: o.upper[d.mesh.mtls] } })
        ))
      ),
      members: $.members(d, t, app + strangers),
    }
    + $.gateway(d, t, egress, 'egress', d.egress, 'ClusterIP')
    + $.gateway(d, t, ingress, 'ingress', d.expose.gateway, if t.routes then 'ClusterIP' else 'LoadBalancer'),

  gateway(d, t, waits, which, g, type):: if waits == null || t.builtInGateways then {} else {
    ['namespaces' + waits]+: o.onlyIf(g.namespace != d.mesh.namespace, o.entry('holds the ' + which + ' gateway', o.namespace(g.namespace, discovery(d)))),
    ['control-plane' + waits]+: gatewayObjects(d, t, which, g.namespace, g.service, g.selector, type) + secretAccess(which, g.namespace, g.service),
  },

  smcp:: smcp,
  gatewayObjects:: gatewayObjects,

  // onlyWayOut lets a client reach its own namespace, DNS, istiod and the pods of a gateway, and nothing else.
  onlyWayOut(d, t, c, namespace, labels, which):: o.entry(
    'lets ' + c.name + ' reach its own namespace, DNS, istiod and ' + which + ', and nothing else',
    o.networkPolicy(c.namespace, o.fit(c.name + '-egress-only'), {
      podSelector: { matchLabels: c.labels },
      policyTypes: ['Egress'],
      egress: [
        {
          to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': t.dns.namespace } } }],
          ports: [{ protocol: 'UDP', port: t.dns.port }, { protocol: 'TCP', port: t.dns.port }],
        },
        {
          to: [{
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': d.mesh.namespace } },
            podSelector: { matchLabels: { app: 'istiod' } },
          }],
          ports: [{ protocol: 'TCP', port: 15012 }],
        },
        {
          to: [{
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
            podSelector: { matchLabels: labels },
          }],
        },
        { to: [{ podSelector: {} }] },
      ],
    })
  ),
}
