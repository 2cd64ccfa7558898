// A job that tells which certificates of last-mile TLS are due. It changes nothing: it has no key to sign with and none to
// write by.
local o = import 'objects.libsonnet';

local name = 'tyk-renewal';
local work = { name: 'work', mountPath: '/renewal' };

// The fields of the controller's records, as its driver names them, but for the private keys, which stay where they are.
local fields = ['uid', 'created', 'expires', 'ismeshcert', 'serviceid', 'clientegressids', 'bundle.fingerprint', 'bundle.certificate', 'bundlehistory.fingerprint'];

local confined = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

local step(name, image, env, script) = {
  name: name,
  image: image,
  command: ['/bin/sh', '-ec', script],
  env: env,
  securityContext: confined,
  volumeMounts: [work],
};

local fromSecret(variable, secret, key) = { name: variable, valueFrom: { secretKeyRef: { name: secret, key: key } } };

local pod(d) = {
  automountServiceAccountToken: false,
  restartPolicy: 'Never',
  securityContext: { runAsNonRoot: true, runAsUser: 1001, fsGroup: 1001, seccompProfile: { type: 'RuntimeDefault' } },
  initContainers: [
    step('records', 'docker.io/library/mongo:4.4', [fromSecret('MONGO', d.tyk.secrets.mongo, 'url')], |||
      umask 077
      printf 'uri: "%%s"\n' "$MONGO" > /renewal/mongo.yaml
      mongoexport --quiet --config=/renewal/mongo.yaml --collection=k8s_ca --fields=%s --out=/renewal/k8s_ca.json
      rm /renewal/mongo.yaml
    ||| % std.join(',', fields)),
    step('apis', 'docker.io/curlimages/curl:8.11.1', [
      fromSecret('SECRET', d.tyk.secrets.dashboard, 'secret'),
      { name: 'URL', value: d.tyk.dashboardURL },
    ], |||
      printf 'header = "Authorization: %s"\n' "$SECRET" | curl -fsS -K - -o /renewal/apis.json "$URL/api/apis?p=-2"
    |||),
  ],
  containers: [{
    name: 'plan',
    image: d.tyk.ca.renewalImage,
    command: ['scenario', 'tyk', 'renewal', '--records', '/renewal/k8s_ca.json', '--apis', '/renewal/apis.json'],
    securityContext: confined,
    volumeMounts: [work],
  }],
  volumes: [{ name: 'work', emptyDir: { medium: 'Memory' } }],
};

{
  objects(d):: o.onlyIf(d.encryption != 'none' && d.tyk.ca.renewalImage != '', o.entry(
    'says each day what is to be done about certificates, and fails when there is something; it does not do it', {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { namespace: d.tyk.controller.namespace, name: name },
      spec: {
        schedule: '17 5 * * *',
        concurrencyPolicy: 'Forbid',
        jobTemplate: { spec: { backoffLimit: 0, template: { metadata: { labels: { app: name } }, spec: pod(d) } } },
      },
    }
  )),
}
