package tyk

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// operatorFields are the fields of the spec of an ApiDefinition that are also in the classic API definition: what the last
// open Tyk Operator knows
// (https://github.com/TykTechnologies/tyk-operator/blob/v0.18.0/config/crd/bases/tyk.tyk.io_apidefinitions.yaml).
var operatorFields = strings.Fields(`
	CORS active allowed_ips auth auth_configs base_identity_provided_by blacklisted_ips cache_options certificates
	client_certificates config_data custom_middleware custom_middleware_bundle definition disable_quota disable_rate_limit
	do_not_track domain enable_context_vars enable_coprocess_auth enable_detailed_recording enable_ip_blacklisting
	enable_ip_whitelisting enable_jwt enable_proxy_protocol global_rate_limit internal jwt_client_base_field
	jwt_default_policies jwt_expires_at_validation_skew jwt_identity_base_field jwt_issued_at_validation_skew
	jwt_not_before_validation_skew jwt_policy_field_name jwt_scope_claim_name jwt_scope_to_policy_mapping jwt_signing_method
	jwt_skip_kid jwt_source listen_port name oauth_meta org_id pinned_public_keys protocol proxy response_processors
	session_lifetime strip_auth_data tag_headers tags upstream_certificates use_basic_auth use_go_plugin_auth use_keyless
	use_mutual_tls_auth use_oauth2 use_standard_auth version_data`)

// MeshSecret is the Secret, of type kubernetes.io/tls, that carries the certificate of the domain mesh for Tyk Operator, in
// each namespace with a mesh API.
const MeshSecret = "mesh-tls"

// InboundSecret is the Secret that carries a workload's own certificate for Tyk Operator.
func (w Workload) InboundSecret() string { return w.App + "-inbound-tls" }

// Operator is an API definition of a workload as an ApiDefinition (tyk.tyk.io/v1alpha1) of Tyk Operator, the successor of
// tyk-k8s, in the workload's namespace. With TLS it takes the certificate from a Secret that must be there: [MeshSecret] for
// the mesh API, [Workload.InboundSecret] for the other.
//
// The operator has no slug, so that field is not in it; left out says which fields besides it cannot carry, for want of a
// place in its schema. The protocol is written out, as the schema demands, and must be the sidecar's own: a gateway does not
// load an API of another protocol on its port.
func Operator(w Workload, d Definition, tls bool) (object map[string]any, leftOut []string, err error) {
	if problems := validation.IsDNS1123Subdomain(d.Slug); len(problems) > 0 {
		return nil, nil, fmt.Errorf("%q is no name of an object: the label app is %q, and must be of lower-case letters, digits, dashes and dots", d.Slug, w.App)
	}
	var spec map[string]any
	if err := json.Unmarshal(d.JSON, &spec); err != nil {
		return nil, nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(spec)) {
		if slices.Contains(operatorFields, key) && !empty(spec[key]) {
			continue
		}
		if key != "slug" && !empty(spec[key]) {
			leftOut = append(leftOut, key)
		}
		delete(spec, key)
	}
	versions, ok := spec["version_data"].(map[string]any)
	if !ok {
		return nil, nil, errors.New("version_data: missing")
	}
	versions["default_version"] = "Default"
	spec["protocol"] = "http"
	if tls {
		spec["protocol"] = "https"
		secret := w.InboundSecret()
		if d.Domain == MeshHosts[0] {
			secret = MeshSecret
		}
		spec["certificate_secret_names"] = []any{secret}
	}
	return map[string]any{
		"apiVersion": "tyk.tyk.io/v1alpha1", "kind": "ApiDefinition",
		"metadata": map[string]any{"name": d.Slug, "namespace": w.namespace()},
		"spec":     spec,
	}, leftOut, nil
}

// empty tells whether a value says nothing: no text, no item, no entry, or only such below it. False is something.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		for _, child := range v {
			if yes, ok := child.(bool); !empty(child) && !(ok && !yes) {
				return false
			}
		}
		return true
	}
	return false
}
