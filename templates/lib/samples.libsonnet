// Sample workloads, so that a bundle can be tried.
local mesh = import 'mesh.libsonnet';
local o = import 'objects.libsonnet';

local resources = { requests: { cpu: '50m', memory: '128Mi' } };

// OpenShift chooses user, group and seccomp profile itself, and before 4.11 refuses pods that name the profile.
local confined(t) = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  [if !t.routes then 'seccompProfile']: { type: 'RuntimeDefault' },
};
local user(t) = { [if !t.routes then 'securityContext']: { runAsUser: 1001, fsGroup: 1001 } };

local suffix(port, usual) = if port == usual then '' else ':' + port;

local identity(c) = o.onlyIf(c.serviceAccount != 'default', o.entry('the identity of the sample client', o.serviceAccount(c.namespace, c.serviceAccount)));

// client is a web application that calls url when it is called itself; metadata is added to its pods.
local client(c, t, url, metadata={}) = identity(c) + [
  o.entry('a sample client' + (if url == '' then '' else '; called under /say/goodday-to/NAME, it calls ' + url), o.deployment(
    c.namespace, c.name, c.labels, user(t) + {
      serviceAccountName: c.serviceAccount,
      containers: [{
        name: 'client',
        image: c.image,
        [if url != '' then 'env']: [{ name: 'GREETINGS_SVC_LOCATION', value: url }],
        ports: [{ containerPort: 8080, name: 'http' }],
        readinessProbe: { tcpSocket: { port: 8080 } },
        resources: resources,
        securityContext: confined(t),
      }],
    }, mesh.podTrigger(t) + metadata
  )),
  o.entry('the address of the sample client', o.service(c.namespace, c.name, c.labels, [{ name: 'http-web', port: 8080, targetPort: 8080 }])),
];

// mounts gives the sidecar the files of the Secret, where it does not get them from istiod.
local mounts(d, c) =
  if d.encryption == 'none' || d.encryption == 'passthrough' || c.credentials.delivery != 'mount' || c.credentials.ca != 'secret' then {} else {
    annotations+: {
      'sidecar.istio.io/userVolume': std.manifestJsonMinified({ 'client-cert': { secret: { secretName: c.credentials.secret } } }),
      'sidecar.istio.io/userVolumeMount': std.manifestJsonMinified({ 'client-cert': { mountPath: c.credentials.mountPath, readOnly: true } }),
    },
  };

// tlsClient does its own TLS: it calls url every five seconds and logs the answer.
local tlsClient(c, t, url) = identity(c) + [
  o.entry('a sample client that does its own TLS: it calls ' + url + ' and logs the answer', o.deployment(
    c.namespace, c.name, c.labels, user(t) + {
      serviceAccountName: c.serviceAccount,
      containers: [{
        name: 'client',
        image: c.image,
        command: ['/bin/sh', '-c', 'while true; do curl -sS --cacert /etc/app-certs/ca.crt "$URL"; sleep 5; done'],
        env: [{ name: 'URL', value: url }],
        resources: resources,
        securityContext: confined(t),
        volumeMounts: [{ name: 'app-certs', mountPath: '/etc/app-certs', readOnly: true }],
      }],
      volumes: [{ name: 'app-certs', secret: { secretName: c.credentials.secret, defaultMode: std.parseOctal('0440') } }],
    }, mesh.podTrigger(t)
  )),
];

{
  // caller is the sample client of a scenario that calls the outside host.
  caller(d, t, c):: (
    local host = std.strReplace(d.service.host, '*.', 'www.');
    if d.encryption == 'passthrough' then tlsClient(c, t, 'https://' + host + suffix(d.service.appPort, 443))
    else client(
      c,
      t,
      'http://' + host + suffix(d.service.appPort, 80),
      mounts(d, c),
    )
  ),

  // redirected is the sample client of a scenario that leads calls of url to the outside host.
  redirected(d, t, c, url):: client(c, t, url, mounts(d, c)),

  // plainCaller is a sample client that calls url, or '' for none.
  plainCaller(c, t, url=''):: client(c, t, url),

  // callee is the sample service behind an ingress gateway, or outside the mesh (sidecar false).
  callee(t, namespace, name, port, image, secret='', sidecar=true, account=name):: (
    local tls = secret != '';
    local labels = { app: name };
    [
      o.entry('the identity of the sample service', o.serviceAccount(namespace, account)),
    ]
    + o.onlyIf(tls, o.entry('the sample service answers TLS by itself', o.configMap(namespace, name, {
      'default.conf': |||
        server {
          listen 8443 ssl;
          ssl_certificate /etc/tls/tls.crt;
          ssl_certificate_key /etc/tls/tls.key;
          location / {
            default_type text/plain;
            return 200 "Greetings\n";
          }
        }
      |||,
    })))
    + [
      o.entry('the sample service', o.deployment(namespace, name, labels, user(t) + {
        serviceAccountName: account,
        containers: [{
          name: 'service',
          image: image,
          ports: [{ containerPort: if tls then 8443 else 8080, name: if tls then 'https' else 'http' }],
          readinessProbe: { tcpSocket: { port: if tls then 8443 else 8080 } },
          resources: resources,
          securityContext: confined(t),
          [if tls then 'volumeMounts']: [
            { name: 'conf', mountPath: '/etc/nginx/conf.d', readOnly: true },
            { name: 'tls', mountPath: '/etc/tls', readOnly: true },
          ],
        }],
        [if tls then 'volumes']: [
          { name: 'conf', configMap: { name: name } },
          { name: 'tls', secret: { secretName: secret, defaultMode: std.parseOctal('0440') } },
        ],
      }, if sidecar then mesh.podTrigger(t) else {})),
      o.entry('the address of the sample service', o.service(namespace, name, labels, [
        { name: if tls then 'tls-web' else 'http-web', port: port, targetPort: if tls then 8443 else 8080 },
      ])),
    ]
  ),
}
