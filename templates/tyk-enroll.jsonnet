// enroll on target tyk: a Tyk gateway beside the workload, injected by tyk-k8s.
local cfssl = import 'lib/cfssl.libsonnet';
local o = import 'lib/objects.libsonnet';
local controller = import 'lib/tyk_controller.libsonnet';
local meshed = import 'lib/tyk_meshed.libsonnet';
local renewal = import 'lib/tyk_renewal.libsonnet';

// trusted is ConfigMap ca-pem of a namespace, where the certificate is known. The name of the key ends in .crt because the
// update-ca-certificates of Debian takes no other.
local trusted(d, namespace) =
  o.onlyIf(d.encryption != 'none' && d.tyk.ca.certificate != '', o.entry(
    'the CA of last-mile TLS, for the pods of ' + namespace + ': a ConfigMap is mounted in its own namespace only',
    o.configMap(namespace, 'ca-pem', { 'ca.crt': d.tyk.ca.certificate })
  ));

function(d, t) {
  around:: {},
  // Namespace default is always there, and nobody may delete it.
  namespaces: [
    o.entry('meshed pods have a privileged init container', o.namespace(namespace, { 'pod-security.kubernetes.io/enforce': 'privileged' }))
    for namespace in d.tyk.namespaces
    if namespace != 'default'
  ] + [o.entry('the controller and its CA', o.namespace(d.tyk.controller.namespace, {}))],
  'control-plane': trusted(d, d.tyk.controller.namespace)
                   + controller.objects(d)
                   + (if d.encryption == 'none' then [] else cfssl.objects(d))
                   + renewal.objects(d),
  members: std.flatMap(function(namespace) trusted(d, namespace), d.tyk.namespaces) + meshed.workload(d),
  workload: meshed.caller(d),
}
