// Constructors of objects, and of what a template answers with: an object whose keys are parts, or parts joined by "+"
// when an object is for those who ask for all of them, and whose values are lists of entries: an object of Kubernetes
// with one sentence that says why it exists. A hidden field around holds more such keys, for what stands around the
// scenario itself. What nobody asks for is never evaluated.
local meta(namespace, name) = { namespace: namespace, name: name };

{
  entry(why, object):: { why: why, object: object },

  // fit cuts a name to the 63 letters of a DNS label; what is cut off lives on in a hash.
  fit(name):: if std.length(name) <= 63 then name else name[:54] + '-' + std.md5(name)[:8],

  // upper is how Istio spells the values of definitions.
  upper:: {
    simple: 'SIMPLE',
    mutual: 'MUTUAL',
    strict: 'STRICT',
    permissive: 'PERMISSIVE',
    'registry-only': 'REGISTRY_ONLY',
    'allow-any': 'ALLOW_ANY',
  },

  // onlyIf is [x] where the condition holds.
  onlyIf(condition, x):: if condition then [x] else [],

  // ---- Kubernetes
  namespace(name, labels):: {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: name, [if std.length(labels) > 0 then 'labels']: labels },
  },
  serviceAccount(namespace, name):: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta(namespace, name) },
  configMap(namespace, name, data):: { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(namespace, name), data: data },
  service(namespace, name, selector, ports, type='ClusterIP'):: {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta(namespace, name),
    spec: { type: type, selector: selector, ports: ports },
  },
  // nameOnly is a Service for DNS alone: it has no pods, and no proxy of the mesh is told of it.
  nameOnly(namespace, name, ports):: {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta(namespace, name) + { annotations: { 'networking.istio.io/exportTo': '~' } },
    spec: { type: 'ClusterIP', ports: ports },
  },
  // deployment of pods with these labels; metadata adds labels and annotations to the pods that do not select them.
  deployment(namespace, name, labels, pod, metadata={}):: {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta(namespace, name),
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: labels } + { [k]+: metadata[k] for k in std.objectFields(metadata) },
        spec: pod,
      },
    },
  },
  role(namespace, name, rules):: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: meta(namespace, name),
    rules: rules,
  },
  roleBinding(namespace, name, serviceAccount):: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: meta(namespace, name),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: name },
    subjects: [{ kind: 'ServiceAccount', name: serviceAccount, namespace: namespace }],
  },
  // readSecrets are the permissions that istiod asks about before it gives a proxy a Secret: it asks for list, of all
  // Secrets of the namespace (istio/istio pilot/pkg/credentials/kube/secrets.go).
  readSecrets:: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] }],
  networkPolicy(namespace, name, spec):: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: meta(namespace, name),
    spec: spec,
  },

  // ---- OpenShift
  route(namespace, name, spec):: {
    apiVersion: 'route.openshift.io/v1',
    kind: 'Route',
    metadata: meta(namespace, name),
    spec: spec,
  },

  // ---- Istio; the API version is the target's. Everything that can be exported says to whom: what others see as well
  // changes how they reach the same host.
  serviceEntry(t, namespace, name, spec):: {
    apiVersion: 'networking.istio.io/' + t.istioAPI,
    kind: 'ServiceEntry',
    metadata: meta(namespace, name),
    spec: spec,
  },
  destinationRule(t, namespace, name, spec):: {
    apiVersion: 'networking.istio.io/' + t.istioAPI,
    kind: 'DestinationRule',
    metadata: meta(namespace, name),
    spec: spec,
  },
  virtualService(t, namespace, name, spec):: {
    apiVersion: 'networking.istio.io/' + t.istioAPI,
    kind: 'VirtualService',
    metadata: meta(namespace, name),
    spec: spec,
  },
  gateway(t, namespace, name, selector, servers, annotations={}):: {
    apiVersion: 'networking.istio.io/' + t.istioAPI,
    kind: 'Gateway',
    metadata: meta(namespace, name) + { [if std.length(annotations) > 0 then 'annotations']: annotations },
    spec: { selector: selector, servers: servers },
  },
  sidecar(t, namespace, name, spec):: {
    apiVersion: 'networking.istio.io/' + t.istioAPI,
    kind: 'Sidecar',
    metadata: meta(namespace, name),
    spec: spec,
  },
  peerAuthentication(t, namespace, name, spec):: {
    apiVersion: 'security.istio.io/' + t.istioAPI,
    kind: 'PeerAuthentication',
    metadata: meta(namespace, name),
    spec: spec,
  },
}
