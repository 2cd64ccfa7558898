// Sample workloads, so that a bundle can be tried.
local mesh = import 'mesh.libsonnet';
local o = import 'objects.libsonnet';

local resources = { requests: { cpu: '50m', memory: '128Mi' } };
local confined = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

local suffix(port, usual) = if port == usual then '' else ':' + port;

// client calls url; extra is merged into its one container, volumes into its pod, annotations into its template.
local client(c, t, url, extra={}, volumes=[], annotations={}) =
  (if c.serviceAccount == 'default' then [] else [
     o.entry('the identity of the sample client', o.serviceAccount(c.namespace, c.serviceAccount)),
   ])
  + [
    o.entry('a sample client; it calls ' + url, o.deployment(
      c.namespace, c.name, c.labels, {
        serviceAccountName: c.serviceAccount,
        containers: [{
          name: 'client',
          image: c.image,
          env: [{ name: 'GREETINGS_SVC_LOCATION', value: url }],
          ports: [{ containerPort: 8080, name: 'http' }],
          readinessProbe: { tcpSocket: { port: 8080 } },
          resources: resources,
          securityContext: confined,
        } + extra],
        [if std.length(volumes) > 0 then 'volumes']: volumes,
      }, mesh.podTrigger(t) + if std.length(annotations) == 0 then {} else { annotations+: annotations }
    )),
    o.entry('the address of the sample client', o.service(c.namespace, c.name, c.labels, [{ name: 'http-web', port: 8080, targetPort: 8080 }])),
  ];

{
  // caller is the sample client of a scenario that calls the outside host.
  caller(d, t, c):: (
    local app = d.encryption == 'passthrough';
    local mounted = (d.encryption == 'simple' || d.encryption == 'mutual') && c.credentials.delivery == 'mount' && c.credentials.ca == 'secret' && d.scenario != '1b';
    local url = (if app then 'https' else 'http') + '://' + std.strReplace(d.service.host, '*.', 'www.') + suffix(d.service.appPort, if app then 443 else 80);
    client(
      c, t, url,
      if !app then {} else {
        // The application verifies the server itself. SSL_CERT_FILE is read by OpenSSL, curl, Go and Python.
        env+: [{ name: 'SSL_CERT_FILE', value: '/etc/app-certs/ca.crt' }],
        volumeMounts: [{ name: 'app-certs', mountPath: '/etc/app-certs', readOnly: true }],
      },
      if !app then [] else [{ name: 'app-certs', secret: { secretName: c.credentials.secret, defaultMode: std.parseOctal('0440') } }],
      if !mounted then {} else {
        'sidecar.istio.io/userVolume': std.manifestJsonMinified({ 'client-cert': { secret: { secretName: c.credentials.secret } } }),
        'sidecar.istio.io/userVolumeMount': std.manifestJsonMinified({ 'client-cert': { mountPath: c.credentials.mountPath, readOnly: true } }),
      }
    )
  ),

  // plainCaller is a sample client that calls a URL without any TLS.
  plainCaller(c, t, url):: client(c, t, url),

  // callee is the sample service behind an ingress gateway, or outside the mesh (sidecar false).
  callee(t, namespace, name, port, image, secret='', sidecar=true):: (
    local tls = secret != '';
    local labels = { app: name };
    [
      o.entry('the identity of the sample service', o.serviceAccount(namespace, name)),
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
      o.entry('the sample service', o.deployment(namespace, name, labels, {
        serviceAccountName: name,
        containers: [{
          name: 'service',
          image: image,
          ports: [{ containerPort: if tls then 8443 else 8080, name: if tls then 'https' else 'http' }],
          readinessProbe: { tcpSocket: { port: if tls then 8443 else 8080 } },
          resources: resources,
          securityContext: confined,
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
