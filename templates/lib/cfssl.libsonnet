// The CA of Tyk's last-mile TLS: a CFSSL server that signs for who knows its key, and for nobody else.
local o = import 'objects.libsonnet';
local controller = import 'tyk_controller.libsonnet';

local name = 'cfssl';
local labels = { app: name };
local folder = '/etc/cfssl';

// profile signs for the names of the mesh alone: mesh.local is what `scenario tyk renewal` asks for beside mesh.
local profile(d, usage) = {
  auth_key: 'tyk-k8s',
  expiry: '2160h',
  usages: ['signing', 'key encipherment', usage],
  name_whitelist: '^(mesh(\\.local)?|[a-z0-9]([-a-z0-9]*[a-z0-9])?\\.(' + std.join('|', d.tyk.namespaces) + '))$',
};

// The controller names no profile, so that the default one signs for it (https://github.com/TykTechnologies/tyk-k8s/blob/master/ca/ca.go);
// profile client is for callers that are granted access.
local configuration(d) = {
  signing: {
    default: profile(d, 'server auth'),
    profiles: { client: profile(d, 'client auth') },
  },
  auth_keys: { 'tyk-k8s': { type: 'standard', key: 'file:' + folder + '/auth/key' } },
};

local request = {
  CN: 'Mesh Internal Signing CA',
  key: { algo: 'rsa', size: 4096 },
  names: [{ O: 'Service mesh', OU: 'Last-mile TLS' }],
  ca: { expiry: '43800h', pathlen: 0, pathlenzero: true },
};

// open are the endpoints that the controller does not use: newcert signs for anybody, whatever the profile says, and the
// rest is no concern of a CA for one mesh.
local open = ['sign', 'newcert', 'newkey', 'init_ca', 'gencrl', 'crl', 'revoke', 'ocspsign', 'certadd', 'certinfo', 'bundle', 'scan', 'scaninfo', '/'];

local pod(d) = {
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, runAsUser: 1001, fsGroup: 1001, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [{
    name: name,
    image: d.tyk.ca.image,
    args: [
      'serve',
      '-address=0.0.0.0',
      '-port=8888',
      '-config=' + folder + '/config/config_ca.json',
      '-ca=' + folder + '/ca/tls.crt',
      '-ca-key=' + folder + '/ca/tls.key',
      '-tls-cert=' + folder + '/tls/tls.crt',
      '-tls-key=' + folder + '/tls/tls.key',
      '-disable=' + std.join(',', open),
    ],
    ports: [{ containerPort: 8888, name: 'https' }],
    readinessProbe: { httpGet: { path: '/api/v1/cfssl/health', port: 8888, scheme: 'HTTPS' } },
    resources: { requests: { cpu: '50m', memory: '64Mi' } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
    volumeMounts: [{ name: v, mountPath: folder + '/' + v, readOnly: true } for v in ['auth', 'ca', 'config', 'tls']],
  }],
  volumes: [
    { name: 'config', configMap: { name: 'cfssl-config' } },
  ] + [
    { name: v.name, secret: { secretName: v.secret, defaultMode: std.parseOctal('0440') } }
    for v in [
      { name: 'auth', secret: d.tyk.secrets.authKey },
      { name: 'ca', secret: d.tyk.secrets.ca },
      { name: 'tls', secret: d.tyk.secrets.cfssl },
    ]
  ],
};

{
  objects(d):: (
    local namespace = d.tyk.controller.namespace;
    [
      o.entry('what CFSSL signs, for whom and for how long; and the request that its own certificate is made of', o.configMap(namespace, 'cfssl-config', {
        'config_ca.json': std.manifestJsonEx(configuration(d), '  ') + '\n',
        'csr_ca.json': std.manifestJsonEx(request, '  ') + '\n',
      })),
      o.entry('the CA: it holds a key that every meshed pod trusts', o.deployment(namespace, name, labels, pod(d))),
      o.entry('the address of the CA', o.service(namespace, 'cfssl-svc', labels, [{ name: 'https', port: 443, targetPort: 8888 }])),
      o.entry('nobody but the controller reaches the CA, and the CA reaches nobody', o.networkPolicy(namespace, name, {
        podSelector: { matchLabels: labels },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{
          from: [{ podSelector: { matchLabels: controller.labels } }],
          ports: [{ port: 8888, protocol: 'TCP' }],
        }],
      })),
    ]
  ),
}
