// enroll on Contrast: make a workload part of the mesh of a deployment.
local contrast = import 'lib/contrast.libsonnet';

function(d, t) {
  around:: {
    namespaces: contrast.namespaces([d.client.namespace]),
    'network-policy': contrast.plaintext(d),
  },
  traffic: contrast.workload(d),
  workload: contrast.workload(d) + contrast.around(d),
}
