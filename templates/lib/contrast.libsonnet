// Workloads of a Contrast deployment: what `contrast generate` reads, and, where the images of the mesh are known, what it
// makes of that, container by container. Read from its code: AddInitializer and AddServiceMesh in
// https://github.com/edgelesssys/contrast/blob/main/internal/kuberesource/mutators.go, and the containers in parts.go.
local o = import 'objects.libsonnet';

// Contrast gives a pod's virtual machine the memory that its containers may use, so the two must be one.
// https://docs.edgeless.systems/contrast/howto/workload-deployment/deployment-file-preparation#pod-resources
local memory(size) = { requests: { memory: size }, limits: { memory: size } };

// set are the variables of name: value that have a value.
local set(pairs) = [{ name: p[0], value: p[1] } for p in pairs if p[1] != ''];

local isSample(image, name) = std.startsWith(image, 'docker.io/buoyantio/emojivoto-' + name + ':');

// own are the variables without which the samples do not start.
local own(image, port) =
  if isSample(image, 'web') then [
    { name: 'WEB_PORT', value: '' + port },
    { name: 'INDEX_BUNDLE', value: 'dist/index_bundle.js' },
  ]
  else if isSample(image, 'emoji-svc') || isSample(image, 'voting-svc') then [
    { name: 'GRPC_PORT', value: '' + port },
    { name: 'PROM_PORT', value: '8801' },
  ]
  else [];

local mount(n) = [{ name: n.volume, mountPath: n.mount }];

local adminPorts(k) = if k.adminPort == 0 then {} else { ports: [{ name: 'contrast-admin', containerPort: k.adminPort }] };

local rights = { privileged: true, capabilities: { add: ['NET_ADMIN'] } };

// containers are the mesh's own, in the order in which they start: first who fetches the certificate, last the proxy, which
// goes on beside the application.
local containers = {
  legacy(k, n, strings):: [
    {
      name: n.initializer,
      image: k.initializerImage,
      env: [{ name: 'COORDINATOR_HOST', value: k.coordinatorHost }],
      volumeMounts: mount(n),
    },
    {
      name: n.sidecar,
      image: k.meshImage,
      restartPolicy: 'Always',
      volumeMounts: mount(n),
      env: set([[n.ingressEnv, strings.ingress], [n.egressEnv, strings.egress], [n.adminPortEnv, strings.adminPort]]),
      securityContext: rights,
    } + adminPorts(k),
  ],
  current(k, n, strings):: [
    {
      name: n.initializer,
      image: k.initializerImage,
      env: [{ name: 'COORDINATOR_HOST', value: k.coordinatorHost }],
      resources: memory('50Mi'),
      // It takes the rule away that keeps the pod closed until the mesh is there.
      securityContext: { capabilities: { add: ['NET_ADMIN'] } },
      volumeMounts: mount(n),
    },
    {
      name: n.sidecar,
      image: k.meshImage,
      args: ['-l', 'debug'],
      restartPolicy: 'Always',
      env: set([[n.adminPortEnv, strings.adminPort], [n.ingressEnv, strings.ingress], [n.egressEnv, strings.egress]]),
      securityContext: rights,
      startupProbe: {
        initialDelaySeconds: 1,
        periodSeconds: 5,
        failureThreshold: 5,
        exec: { command: ['test', '-f', '/ready'] },
      },
      volumeMounts: mount(n),
    } + adminPorts(k),
  ],
};

// annotations are what `contrast generate` reads. An empty ingress string asks for a client certificate on every port; an
// empty egress string is a mistake to it.
local annotations(k, n, strings) = if k.generation == 'legacy' then {} else {
  annotations: {
    [n.ingressAnnotation]: strings.ingress,
    [if strings.egress != '' then n.egressAnnotation]: strings.egress,
    [if strings.adminPort != '' then n.adminPortAnnotation]: strings.adminPort,
  },
};

// deployment is a workload with the mesh's configuration. It has no probes: kubelets have no certificate of the mesh.
local deployment(d, w) =
  local k = d.contrast;
  local n = d.wiring.names;
  o.deployment(w.namespace, w.name, w.labels, {
    runtimeClassName: k.runtimeClass,
    serviceAccountName: w.serviceAccount,
    [if d.wiring.whole then 'initContainers']: containers[k.generation](k, n, w.strings),
    containers: [{
      name: w.name,
      image: w.image,
      [if std.length(w.env) > 0 then 'env']: w.env,
      [if std.length(w.ports) > 0 then 'ports']: [{ name: p.name, containerPort: p.port } for p in w.ports],
      resources: memory('800Mi'),
      [if d.wiring.whole then 'volumeMounts']: mount(n),
    }],
    [if d.wiring.whole then 'volumes']: [{ name: n.volume, emptyDir: if k.generation == 'legacy' then {} else { medium: 'Memory' } }],
  }, annotations(k, n, w.strings));

local service(w) = o.service(w.namespace, w.name, w.labels, [{ name: p.name, port: p.port, targetPort: p.port } for p in w.ports]);

// tells says in words what the ports of a workload take.
local tells(ports) =
  local takes = { server: 'TLS from any client', none: 'what the application takes' };
  std.join('', ['; port ' + p.port + ' takes ' + takes[p.tls] for p in ports if p.tls != 'mutual']);

{
  // client is the plan's own workload.
  client(d):: (
    local c = d.client;
    local k = d.contrast;
    {
      namespace: c.namespace,
      name: c.name,
      labels: c.labels,
      serviceAccount: c.serviceAccount,
      image: c.image,
      ports: k.ingress,
      env: own(c.image, if std.length(k.ingress) > 0 then k.ingress[0].port else 8080) + d.wiring.variables,
      strings: d.wiring.strings,
    }
  ),

  // workload is its Deployment.
  workload(d):: (
    local w = $.client(d);
    local calls = std.join(' and ', [e.remote + ' by ' + e.listen for e in d.contrast.egress]);
    [o.entry('the workload, every port of which takes mutual TLS' + (if tells(w.ports) == '' then '' else ' but these') + tells(w.ports) + (if calls == '' then '' else '; it calls ' + calls), deployment(d, w))]
  ),

  // around is what else a workload has: an identity of its own, and an address.
  around(d):: (
    local w = $.client(d);
    o.onlyIf(w.serviceAccount != 'default', o.entry('the identity of the workload', o.serviceAccount(w.namespace, w.serviceAccount)))
    + o.onlyIf(std.length(w.ports) > 0, o.entry('the address of the workload', service(w)))
  ),

  // callees are samples of what the workload calls: each answers on the ports that are called, by mutual TLS.
  callees(d):: std.flatMap(
    function(key)
      local of = [r for r in d.wiring.remotes if r.namespace + '/' + r.name == key];
      local ports = std.set([r.port for r in of]);
      local w = {
        namespace: of[0].namespace,
        name: of[0].name,
        labels: { app: of[0].name },
        serviceAccount: 'default',
        image: if std.startsWith(of[0].name, 'voting')
        then 'docker.io/buoyantio/emojivoto-voting-svc:v11@sha256:a57ac67af7a5b05988a38b49568eca6a078ef27a71c148c44c9db4efb1dac58b'
        else 'docker.io/buoyantio/emojivoto-emoji-svc:v11@sha256:957949355653776b65fafc2ee22f737cd21e090d4ace63f3b99f6e16976f0458',
        ports: [{ name: 'grpc-' + p, port: p, tls: 'mutual' } for p in ports],
        env: own(self.image, ports[0]),
        strings: { ingress: '', egress: '', adminPort: '' },
      };
      [
        o.entry('a sample of what is called; every port takes mutual TLS', deployment(d, w)),
        o.entry('the address of that sample', service(w)),
      ],
    std.set([r.namespace + '/' + r.name for r in d.wiring.remotes])
  ),

  // namespaces holds workloads whose sidecars are privileged, within their virtual machines.
  namespaces(names):: [
    o.entry('holds workloads of the Contrast deployment', o.namespace(n, { 'pod-security.kubernetes.io/enforce': 'privileged' }))
    for n in std.set(names)
  ],

  // plaintext lets callers from elsewhere to the ports with TLS alone. The cluster's network does that, which Contrast does
  // not trust: it is a fence, no wall.
  plaintext(d):: (
    local c = d.client;
    local open = [{ protocol: 'TCP', port: p.port } for p in d.contrast.ingress if p.tls == 'none'];
    local closed = [{ protocol: 'TCP', port: p.port } for p in d.contrast.ingress if p.tls != 'none'];
    o.onlyIf(std.length(open) > 0, o.entry(
      'lets only pods of ' + c.namespace + ' to the ports of ' + c.name + ' that have no TLS of the mesh',
      o.networkPolicy(c.namespace, o.fit(c.name + '-plaintext'), {
        podSelector: { matchLabels: c.labels },
        policyTypes: ['Ingress'],
        ingress: [{ ports: open, from: [{ podSelector: {} }] }] + o.onlyIf(std.length(closed) > 0, { ports: closed }),
      })
    ))
  ),
}
