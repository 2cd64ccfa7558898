package tyk

import (
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
)

// UseSSLEnv is the variable by which the sidecar serves TLS on its one port: to its own application and to others' sidecars.
const UseSSLEnv = "TYK_GW_HTTPSERVEROPTIONS_USESSL"

// ServesTLS tells whether a sidecar does.
func ServesTLS(c corev1.Container) bool {
	i := slices.IndexFunc(c.Env, func(e corev1.EnvVar) bool { return e.Name == UseSSLEnv })
	if i < 0 {
		return false
	}
	yes, err := strconv.ParseBool(c.Env[i].Value)
	return err == nil && yes
}
