// tyk-k8s: its configuration, its rights and its webhook.
// Of what it reads: https://github.com/TykTechnologies/tyk-k8s/blob/master/cmd/root.go and injector/injector.go.
local o = import 'objects.libsonnet';

local name = 'tyk-k8s';
local labels = { app: name };
local folder = '/etc/tyk-k8s';

// secretKey refers to a Secret as the controller reads it: its reader of YAML knows no inlined fields, so that the name
// stands one level deeper than in a pod.
local secretKey(secret, key) = { secretKeyRef: { localObjectReference: { name: secret }, key: key } };

local sidecar(d) = {
  name: 'tyk-mesh',
  image: d.tyk.sidecarImage,
  command: ['/opt/tyk-gateway/tyk', '--conf=/opt/tyk-gateway/tyk.conf'],
  workingDir: '/opt/tyk-gateway',
  env: [
    { name: 'TYK_GW_STORAGE_HOSTS', value: d.tyk.storageHosts },
    { name: 'TYK_GW_STORAGE_USESSL', value: 'false' },
    { name: 'TYK_GW_DBAPPCONFOPTIONS_CONNECTIONSTRING', value: d.tyk.dashboardURL },
    { name: 'TYK_GW_POLICIES_POLICYCONNECTIONSTRING', value: d.tyk.dashboardURL },
    { name: 'TYK_GW_SECRET', valueFrom: secretKey(d.tyk.secrets.sidecar, 'secret') },
    { name: 'TYK_GW_NODESECRET', valueFrom: secretKey(d.tyk.secrets.sidecar, 'node-secret') },
    { name: 'TYK_GW_ENABLECUSTOMDOMAINS', value: 'true' },
    { name: 'TYK_GW_HTTPSERVEROPTIONS_USESSL', value: std.toString(d.encryption != 'none') },
  ],
  ports: [{ containerPort: 8080 }],
};

// The volumes are added with TLS only, and a mount of a volume that is not there is refused.
local init(d) = {
  name: 'run-iptables',
  image: d.tyk.initImage,
  command: ['/entrypoint'],
  securityContext: { privileged: true },
  [if d.encryption != 'none' then 'volumeMounts']: [
    { name: 'ca-pem', mountPath: '/var/tmp' },
    { name: 'ssl-certs', mountPath: '/tmp/' },
  ],
};

// Fields that a variable of the environment fills must stand here, and be empty: the controller asks for the variables of
// those that do.
local configuration(d) = {
  Server: { addr: ':9443', certFile: folder + '/certs/tls.crt', keyFile: folder + '/certs/tls.key' },
  Tyk: { url: d.tyk.dashboardURL, secret: '', org: '' },
  Ingress: { watchNamespaces: d.tyk.namespaces },
  [if d.encryption != 'none' then 'CA']: {
    addr: d.tyk.ca.addr,
    key: 'file:' + folder + '/auth/key',
    certPath: folder + '/ca/ca.crt',
    Secure: true,
    mongoConnStr: '',
    defaultKeyRequest: { A: 'rsa', S: 4096 },
  },
  Injector: {
    createRoutes: true,
    enableMeshTLS: d.encryption != 'none',
    meshCertificateID: '',
    containers: [sidecar(d)],
    initContainers: [init(d)],
  },
};

local fromSecret(variable, secret, key) = { name: variable, valueFrom: { secretKeyRef: { name: secret, key: key } } };

local pod(d) = (
  local tls = d.encryption != 'none';
  local n = d.tyk.secrets;
  {
    serviceAccountName: name,
    securityContext: { runAsNonRoot: true, runAsUser: 1001, fsGroup: 1001, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{
      name: name,
      image: d.tyk.controller.image,
      env: [fromSecret('TK8S_TYK_SECRET', n.dashboard, 'secret'), fromSecret('TK8S_TYK_ORG', n.dashboard, 'org')]
           + (if !tls then [] else [
                fromSecret('TK8S_CA_MONGOCONNSTR', n.mongo, 'url'),
                // CFSSL's own certificate is of the same CA.
                { name: 'SSL_CERT_FILE', value: folder + '/ca/ca.crt' },
              ]),
      ports: [{ containerPort: 9443, name: 'https' }],
      readinessProbe: { tcpSocket: { port: 9443 } },
      resources: { requests: { cpu: '50m', memory: '128Mi' } },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      volumeMounts: [
        { name: 'conf', mountPath: folder + '/tyk-k8s.yaml', subPath: 'tyk-k8s.yaml', readOnly: true },
        { name: 'certs', mountPath: folder + '/certs', readOnly: true },
      ] + (if !tls then [] else [
             { name: 'auth', mountPath: folder + '/auth', readOnly: true },
             { name: 'ca', mountPath: folder + '/ca', readOnly: true },
           ]),
    }],
    volumes: [
      { name: 'conf', configMap: { name: 'tyk-k8s-conf' } },
      { name: 'certs', secret: { secretName: n.webhook, defaultMode: std.parseOctal('0440') } },
    ] + (if !tls then [] else [
           { name: 'auth', secret: { secretName: n.authKey, defaultMode: std.parseOctal('0440') } },
           { name: 'ca', configMap: { name: 'ca-pem' } },
         ]),
  }
);

local webhook(d) = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: name },
  webhooks: [{
    name: 'sidecar-injector.tyk.io',
    admissionReviewVersions: ['v1beta1'],
    clientConfig: {
      [if d.tyk.controller.webhookCA != '' then 'caBundle']: std.base64(d.tyk.controller.webhookCA),
      service: { namespace: d.tyk.controller.namespace, name: 'tyk-k8s-svc', path: '/inject', port: 443 },
    },
    failurePolicy: 'Fail',
    namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: d.tyk.namespaces }] },
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods', 'services'], scope: 'Namespaced' }],
    sideEffects: 'NoneOnDryRun',
    timeoutSeconds: 30,
  }],
};

// Of an Ingress with TLS the controller reads the Secret; of a pod that goes, the others.
local rules = [
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
];

{
  labels:: labels,

  objects(d):: (
    local namespace = d.tyk.controller.namespace;
    [
      o.entry('the identity of the controller', o.serviceAccount(namespace, name)),
      o.entry('what the controller does, and the two containers that it adds to pods; the Secrets are named, not held', o.configMap(namespace, 'tyk-k8s-conf', {
        'tyk-k8s.yaml': std.manifestYamlDoc(configuration(d), quote_keys=false) + '\n',
      })),
      o.entry('the controller: it makes two API definitions for each meshed app, and injects the sidecars', o.deployment(namespace, name, labels, pod(d))),
      o.entry('the address of the webhook', o.service(namespace, 'tyk-k8s-svc', labels, [{ name: 'https', port: 443, targetPort: 9443 }])),
      o.entry('the API server asks the controller about new pods and Services; the controller speaks v1beta1 of these questions only, and also answers dry runs by making API definitions', webhook(d)),
    ]
    + std.flatMap(function(watched) [
      o.entry('the controller may see Ingresses, their Secrets, and pods that go, in ' + watched, o.role(watched, name, rules)),
      o.entry('binds that permission to the controller', o.roleBinding(watched, name, name) + { subjects: [{ kind: 'ServiceAccount', name: name, namespace: namespace }] }),
    ], d.tyk.namespaces)
  ),
}
