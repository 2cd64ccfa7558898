package tyk

// A template is what the controller fills its built-in template with.
type template struct {
	slug, org, listen, target, domain, tag string
	certificates                           []string
	hybrid                                 bool // the configuration's: the slug is then the listen path
}

// A definition is the built-in template, in its order of fields, with what a mesh of mutual TLS adds.
type definition struct {
	Name              string            `json:"name"`
	Slug              string            `json:"slug"`
	OrgID             string            `json:"org_id"`
	UseKeyless        bool              `json:"use_keyless"`
	UseMutualTLS      bool              `json:"use_mutual_tls_auth,omitempty"`
	Client            []string          `json:"client_certificates,omitempty"`
	Upstream          map[string]string `json:"upstream_certificates,omitempty"`
	Auth              auth              `json:"auth"`
	Versioning        versioning        `json:"definition"`
	VersionData       versionData       `json:"version_data"`
	Proxy             proxy             `json:"proxy"`
	Domain            string            `json:"domain"`
	Processors        []any             `json:"response_processors"`
	Middleware        middleware        `json:"custom_middleware"`
	ConfigData        map[string]any    `json:"config_data"`
	AllowedIPs        []string          `json:"allowed_ips"`
	DisableRateLimit  bool              `json:"disable_rate_limit"`
	DisableQuota      bool              `json:"disable_quota"`
	Cache             cache             `json:"cache_options"`
	Active            bool              `json:"active"`
	Tags              []string          `json:"tags"`
	EnableContextVars bool              `json:"enable_context_vars"`
	Certificates      []string          `json:"certificates"`
}

// An auth is not in the template, and is in what the controller sends: Tyk's schema
// (https://github.com/TykTechnologies/tyk/blob/v2.8.4/apidef/schema.go) demands it.
type auth struct {
	HeaderName string `json:"auth_header_name"`
}

type versioning struct {
	Location  string `json:"location"`
	Key       string `json:"key"`
	StripPath bool   `json:"strip_path"`
}

type versionData struct {
	NotVersioned bool               `json:"not_versioned"`
	Versions     map[string]edition `json:"versions"`
}

type edition struct {
	Name             string              `json:"name"`
	UseExtendedPaths bool                `json:"use_extended_paths"`
	GlobalHeaders    map[string]string   `json:"global_headers"`
	Paths            map[string][]string `json:"paths"`
}

type proxy struct {
	ListenPath      string `json:"listen_path"`
	TargetURL       string `json:"target_url"`
	StripListenPath bool   `json:"strip_listen_path"`
}

type middleware struct {
	Pre         []any          `json:"pre"`
	Post        []any          `json:"post"`
	PostKeyAuth []any          `json:"post_key_auth"`
	AuthCheck   map[string]any `json:"auth_check"`
	Response    []any          `json:"response"`
	Driver      string         `json:"driver"`
	IDExtractor map[string]any `json:"id_extractor"`
}

// A cache of responses, for 60 seconds. As long as no path is listed for it and not all safe requests are cached, it holds
// nothing (https://github.com/TykTechnologies/tyk/blob/v2.8.4/mw_redis_cache.go).
type cache struct {
	Timeout int  `json:"cache_timeout"`
	Enable  bool `json:"enable_cache"`
}

func (t template) fill() definition {
	slug := t.slug
	if t.hybrid {
		slug = t.listen
	}
	return definition{
		Name: t.slug + " #" + t.tag, Slug: slug, OrgID: t.org, UseKeyless: true,
		Versioning: versioning{Location: "header", Key: "x-api-version", StripPath: true},
		VersionData: versionData{NotVersioned: true, Versions: map[string]edition{"Default": {
			Name: "Default", UseExtendedPaths: true,
			GlobalHeaders: map[string]string{"X-Tyk-Ingress-Request-ID": "$tyk_context.request_id"},
			Paths:         map[string][]string{"ignored": {}, "white_list": {}, "black_list": {}},
		}}},
		Proxy: proxy{ListenPath: t.listen, TargetURL: t.target, StripListenPath: true}, Domain: t.domain,
		Processors: []any{}, ConfigData: map[string]any{}, AllowedIPs: []string{},
		Middleware: middleware{
			Pre: []any{}, Post: []any{}, PostKeyAuth: []any{}, Response: []any{},
			AuthCheck:   map[string]any{"name": "", "path": "", "require_session": false},
			IDExtractor: map[string]any{"extract_from": "", "extract_with": "", "extractor_config": map[string]any{}},
		},
		DisableRateLimit: true, DisableQuota: true, Cache: cache{Timeout: 60, Enable: true},
		Active: true, Tags: []string{t.tag}, EnableContextVars: true, Certificates: t.certificates,
	}
}
