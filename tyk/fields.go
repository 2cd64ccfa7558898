package tyk

import "strings"

// fields are what a gateway of 2.8, the sidecar's, reads of an API definition, by type of JSON: the struct APIDefinition of
// https://github.com/TykTechnologies/tyk/blob/v2.8.4/apidef/api_definitions.go. A step "*" is any name. Below what is not
// listed with a dot, everything is taken to be known.
var fields = map[string]string{}

func init() {
	for kind, names := range map[string]string{
		"bool": `
			CORS.allow_credentials CORS.debug CORS.enable CORS.options_passthrough active auth.use_certificate
			auth.use_cookie auth.use_param auth.validate_signature basic_auth.disable_caching
			basic_auth.extract_from_body cache_options.cache_all_safe_requests cache_options.enable_cache
			cache_options.enable_upstream_cache_control custom_middleware.auth_check.require_session
			definition.strip_path disable_quota disable_rate_limit do_not_track dont_set_quota_on_create
			enable_batch_request_support enable_context_vars enable_coprocess_auth enable_ip_blacklisting
			enable_ip_whitelisting enable_jwt enable_signature_checking internal jwt_skip_kid
			proxy.check_host_against_uptime_tests proxy.disable_strip_slash proxy.enable_load_balancing
			proxy.preserve_host_header proxy.service_discovery.endpoint_returns_list
			proxy.service_discovery.use_discovery_service proxy.service_discovery.use_nested_query
			proxy.service_discovery.use_target_list proxy.strip_listen_path proxy.transport.ssl_insecure_skip_verify
			strip_auth_data use_basic_auth use_keyless use_mutual_tls_auth use_oauth2 use_openid use_standard_auth
			version_data.not_versioned version_data.versions.*.use_extended_paths`,
		"number": `
			CORS.max_age auth.signature.allowed_clock_skew auth.signature.error_code basic_auth.cache_ttl
			cache_options.cache_timeout expire_analytics_after global_rate_limit.per global_rate_limit.rate
			hmac_allowed_clock_skew jwt_expires_at_validation_skew jwt_issued_at_validation_skew
			jwt_not_before_validation_skew proxy.service_discovery.cache_timeout proxy.transport.ssl_min_version
			session_lifetime version_data.versions.*.global_size_limit`,
		"string": `
			api_id auth.auth_header_name auth.cookie_name auth.param_name auth.signature.algorithm
			auth.signature.error_message auth.signature.header auth.signature.secret base_identity_provided_by
			basic_auth.body_password_regexp basic_auth.body_user_regexp cache_options.cache_control_ttl_header
			custom_middleware.auth_check.name custom_middleware.auth_check.path custom_middleware.driver
			custom_middleware.id_extractor.extract_from custom_middleware.id_extractor.extract_with
			custom_middleware_bundle definition.key definition.location domain id jwt_client_base_field
			jwt_identity_base_field jwt_policy_field_name jwt_signing_method jwt_source name org_id proxy.listen_path
			proxy.service_discovery.data_path proxy.service_discovery.parent_data_path
			proxy.service_discovery.port_data_path proxy.service_discovery.query_endpoint
			proxy.service_discovery.target_path proxy.target_url proxy.transport.proxy_url slug
			version_data.default_version version_data.versions.*.expires version_data.versions.*.name
			version_data.versions.*.override_target`,
		"array": `
			CORS.allowed_headers CORS.allowed_methods CORS.allowed_origins CORS.exposed_headers allowed_ips
			blacklisted_ips cache_options.cache_response_codes certificates client_certificates custom_middleware.post
			custom_middleware.post_key_auth custom_middleware.pre custom_middleware.response hmac_allowed_algorithms
			jwt_default_policies proxy.target_list proxy.transport.ssl_ciphers response_processors tag_headers tags
			version_data.versions.*.global_headers_remove`,
		"object": `
			CORS auth auth.signature auth_provider basic_auth cache_options config_data custom_middleware
			custom_middleware.auth_check custom_middleware.id_extractor custom_middleware.id_extractor.extractor_config
			definition event_handlers global_rate_limit notifications oauth_meta openid_options pinned_public_keys proxy
			proxy.service_discovery proxy.transport session_provider upstream_certificates uptime_tests version_data
			version_data.versions version_data.versions.* version_data.versions.*.extended_paths
			version_data.versions.*.global_headers version_data.versions.*.paths`,
	} {
		for _, name := range strings.Fields(names) {
			fields[name] = kind
		}
	}
}
