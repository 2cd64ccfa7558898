package rules

import (
	"fmt"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

// lowest is the sysctl that says from which port on anybody may listen; a pod may set it since Kubernetes 1.22.
// https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/#safe-and-unsafe-sysctls
const lowest = "net.ipv4.ip_unprivileged_port_start"

// portForRoot reports a container that listens on port 80 and does not run as root.
func portForRoot(p *validate.Pass, w tykPod) {
	pod := w.Spec.SecurityContext
	if pod == nil {
		pod = &corev1.PodSecurityContext{}
	}
	for _, s := range pod.Sysctls {
		if n, err := strconv.Atoi(s.Value); s.Name == lowest && err == nil && n <= tyk.AppPort {
			return
		}
	}
	for i, c := range w.Spec.Containers {
		if !slices.ContainsFunc(c.Ports, func(port corev1.ContainerPort) bool { return port.ContainerPort == tyk.AppPort }) {
			continue
		}
		user, root, at := pod.RunAsUser, pod.RunAsNonRoot, w.at("spec.securityContext")
		if own := c.SecurityContext; own != nil {
			field := w.at(fmt.Sprintf("spec.containers[%d].securityContext", i))
			if own.Capabilities != nil && slices.Contains(own.Capabilities.Add, "NET_BIND_SERVICE") {
				continue
			}
			if own.RunAsUser != nil {
				user, at = own.RunAsUser, field
			}
			if own.RunAsNonRoot != nil {
				root, at = own.RunAsNonRoot, field
			}
		}
		if (user == nil || *user == 0) && (root == nil || !*root) {
			continue
		}
		sysctls := []any{}
		for _, s := range pod.Sysctls {
			sysctls = append(sysctls, map[string]any{"name": s.Name, "value": s.Value})
		}
		p.Report(validate.Finding{
			Place: p.At(w.object, at), Severity: validate.Warning,
			Message:     fmt.Sprintf("container %s of %s is to listen on port 80, and does not run as root", c.Name, w.object.ID),
			Consequence: "where the node keeps ports below 1024 for root, the application ends with: bind: permission denied; some container runtimes open them, others do not",
			Fix:         "open the port for the pod: securityContext.sysctls, " + lowest + ": \"80\"",
			Edits: []validate.Edit{{Object: p.At(w.object, "").Object, Field: w.at("spec.securityContext.sysctls"),
				Value: append(sysctls, map[string]any{"name": lowest, "value": "80"})}},
		})
	}
}
