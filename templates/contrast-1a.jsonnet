// 1a on Contrast: call other workloads of the deployment by mutual TLS from the sidecar.
local contrast = import 'lib/contrast.libsonnet';

function(d, t) {
  around:: {
    namespaces: contrast.namespaces([d.client.namespace]),
    'namespaces+service': contrast.namespaces([r.namespace for r in d.wiring.remotes]),
    'network-policy': contrast.plaintext(d),
  },
  traffic: contrast.workload(d),
  workload: contrast.workload(d) + contrast.around(d),
  service: contrast.callees(d),
}
