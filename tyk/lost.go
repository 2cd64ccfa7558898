package tyk

import (
	"slices"
	"strings"
)

// lost are the fields of a pod's spec that Kubernetes 1.16 did not know. The controller is built with its types
// (go.mod: k8s.io/api 16d7abae0d2a) and puts back the whole spec, so what these types do not hold is gone. The steps of a
// path are fields; "[]" is every item. Of containers, the same holds for init containers.
var lost = strings.Fields(`
	containers[].lifecycle.postStart.sleep containers[].lifecycle.preStop.sleep containers[].lifecycle.stopSignal
	containers[].livenessProbe.grpc containers[].livenessProbe.terminationGracePeriodSeconds
	containers[].readinessProbe.grpc containers[].readinessProbe.terminationGracePeriodSeconds
	containers[].startupProbe.grpc containers[].startupProbe.terminationGracePeriodSeconds
	containers[].resizePolicy containers[].resources.claims containers[].restartPolicy containers[].restartPolicyRules
	containers[].securityContext.appArmorProfile containers[].securityContext.seccompProfile
	containers[].securityContext.windowsOptions.hostProcess containers[].volumeMounts[].recursiveReadOnly
	hostUsers hostnameOverride os resourceClaims resources schedulingGates setHostnameAsFQDN
	securityContext.appArmorProfile securityContext.fsGroupChangePolicy securityContext.seLinuxChangePolicy
	securityContext.seccompProfile securityContext.supplementalGroupsPolicy securityContext.windowsOptions.hostProcess
	topologySpreadConstraints[].matchLabelKeys topologySpreadConstraints[].minDomains
	topologySpreadConstraints[].nodeAffinityPolicy topologySpreadConstraints[].nodeTaintsPolicy
	volumes[].ephemeral volumes[].image volumes[].projected.sources[].clusterTrustBundle
	volumes[].projected.sources[].podCertificate
	affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[].podAffinityTerm.namespaceSelector
	affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[].namespaceSelector
	affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[].podAffinityTerm.namespaceSelector
	affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[].namespaceSelector
`)

// lose takes out of a pod's spec, a tree of plain values, what the controller's types do not hold, and gives the paths.
func lose(spec map[string]any) (paths []string) {
	for _, path := range lost {
		paths = append(paths, take(spec, path, "")...)
		if rest, ok := strings.CutPrefix(path, "containers"); ok {
			paths = append(paths, take(spec, "initContainers"+rest, "")...)
		}
	}
	slices.Sort(paths)
	return paths
}

// take removes what lies at a path below a tree, wherever its steps lead; at is where the tree itself is.
func take(tree map[string]any, path, at string) (paths []string) {
	step, rest, more := strings.Cut(path, ".")
	name, list := strings.CutSuffix(step, "[]")
	child, there := tree[name]
	switch {
	case !there:
	case !more:
		delete(tree, name)
		return []string{at + name}
	case list:
		items, _ := child.([]any)
		for i, item := range items {
			if m, ok := item.(map[string]any); ok {
				paths = append(paths, take(m, rest, at+name+index(i)+".")...)
			}
		}
	default:
		if m, ok := child.(map[string]any); ok {
			return take(m, rest, at+name+".")
		}
	}
	return paths
}
