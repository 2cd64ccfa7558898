// 2b: call a service of another mesh through an egress gateway of this one.
local manual = import 'lib/manual.libsonnet';
local peers = import 'lib/federated.libsonnet';

function(d, t) if t.gates.federationCRs then peers.objects(d, t) + peers.onlyWayOut(d, t) else manual.objects(d, t)
