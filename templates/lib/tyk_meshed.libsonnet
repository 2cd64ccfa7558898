// Workloads of Tyk's mesh: pods and Services with the annotations that tyk-k8s reads.
local o = import 'objects.libsonnet';

local inject = { 'injector.tyk.io/inject': 'true' };

local resources = { requests: { cpu: '50m', memory: '64Mi' } };

// grants are annotations that tyk-k8s knows and does not read: what is granted is made of them outside of it. What it reads
// is the field of the inbound API: a callee is closed until the certificates of its callers are in there.
local grants(d, group, callers) = if d.encryption != 'mutual' then {} else {
  'injector.tyk.io/group': group,
  [if std.length(callers) > 0 then 'injector.tyk.io/caller-access-groups']: std.join(',', callers),
  [if std.length(callers) > 0 then 'bool.service.tyk.io/use-mutual-tls-auth']: 'true',
};

local annotated(route, more) = { annotations: inject { 'injector.tyk.io/route': route } + more };

{
  // workload listens on port 80, where the sidecar's calls to port 6767 are led.
  workload(d):: (
    local c = d.client;
    local k = d.tyk;
    o.onlyIf(c.serviceAccount != 'default', o.entry('the identity of the workload', o.serviceAccount(c.namespace, c.serviceAccount)))
    + [
      o.entry('the workload, with a Tyk gateway beside it; meshed callers find it at ' + (if d.encryption == 'none' then 'http' else 'https') + '://mesh' + k.route, o.deployment(
        c.namespace, c.name, c.labels, {
          serviceAccountName: c.serviceAccount,
          containers: [{
            name: k.app,
            image: c.image,
            env: [{ name: 'PORT', value: '80' }],
            ports: [{ containerPort: 80, name: 'http' }],
            resources: resources,
            // Port 80 takes root, or this capability.
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } },
          }],
        }, annotated(k.route, grants(d, k.group, k.callerGroups))
      )),
      o.entry(
        "the name by which callers' sidecars find the workload; the controller puts port 8080, the sidecar's, in place of 80",
        o.service(c.namespace, k.app, c.labels, [{ name: 'http', port: 80, targetPort: 80 }]) + { metadata+: { annotations: inject } }
      ),
    ]
  ),

  // caller is a meshed pod to call from; nothing listens in it.
  caller(d):: [
    o.entry('a meshed pod to call from: kubectl exec deployment/sleep -- curl', o.deployment(
      d.client.namespace, 'sleep', { app: 'sleep' }, {
        containers: [{
          name: 'sleep',
          image: 'docker.io/curlimages/curl:8.11.1',
          command: ['/bin/sleep', 'infinity'],
          resources: resources,
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        }],
      }, annotated('/sleepy-time', if d.encryption != 'mutual' then {} else grants(d, d.tyk.callerGroups[0], []))
    )),
  ],
}
