// 2a: call a service of another mesh that this one is joined with.
local clusters = import 'lib/clusters.libsonnet';
local peers = import 'lib/federated.libsonnet';

function(d, t) (if t.gates.federationCRs then peers else clusters).objects(d, t)
