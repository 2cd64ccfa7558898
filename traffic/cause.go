package traffic

// A Cause says what it is about the last hop that a path does not arrive: one word for each way in which a walk stops, by
// which rules tell faults apart.
type Cause string

// At the service where the request ends.
const (
	DoubleTLS           Cause = "tls-in-tls"               // it takes one layer off and finds another
	PlaintextToTLS      Cause = "plaintext-to-tls"         // it takes TLS
	TLSToPlaintext      Cause = "tls-to-plaintext"         // it takes plaintext
	MeshTLSOutside      Cause = "mesh-tls-outside"         // it has no certificate of the mesh
	MeshTLSNoSidecar    Cause = "mesh-tls-without-sidecar" // it is a workload of the mesh's namespaces, without a sidecar
	NoClientCertificate Cause = "no-client-certificate"    // it asks for one
)

// At what takes a connection in: a listener of a proxy.
const (
	NoListener        Cause = "no-listener"         // nothing listens on the port
	StrictRefuses     Cause = "strict"              // a sidecar takes the mesh's mutual TLS only
	NoFilterChain     Cause = "no-filter-chain"     // none fits the SNI, or the kind of bytes
	TLSExpected       Cause = "tls-expected"        // plaintext comes
	HTTPExpected      Cause = "http-expected"       // TLS comes
	BytesExpectedHTTP Cause = "http-expected-bytes" // other bytes come
	UntrustedServer   Cause = "untrusted-server"    // the client has another CA than the server's
	WrongName         Cause = "wrong-name"          // the client expects another name
	ClientCertificate Cause = "client-certificate"  // the client shows none
	UntrustedClient   Cause = "untrusted-client"    // the client shows one of another CA
	ClientNotAdmitted Cause = "client-not-admitted" // the client has another name
)

// At a credential that a proxy needs, its own or the other side's.
const (
	SecretMissing    Cause = "secret-missing"
	SecretElsewhere  Cause = "secret-elsewhere" // it is in another namespace
	SecretKeys       Cause = "secret-keys"      // it lacks a key that is needed
	SecretForbidden  Cause = "secret-forbidden" // the workload may not list Secrets
	UnknownProvider  Cause = "unknown-provider" // credentialName has a scheme that istiod does not serve
	ConfigMapMissing Cause = "configmap-missing"
)

// At a proxy's routes.
const (
	NoVirtualHost Cause = "no-virtual-host"
	NoRouteFits   Cause = "no-route-fits"
	ZeroWeights   Cause = "zero-weights"
	Unregistered  Cause = "unregistered" // nothing in the registry takes it
	Redirected    Cause = "redirected"
	Answered      Cause = "answered" // a direct response
	PolicyRefuses Cause = "policy"   // an AuthorizationPolicy
)

// At the service that a route leads to.
const (
	UnknownService   Cause = "unknown-service"
	UnknownPort      Cause = "unknown-port"
	UnknownSubset    Cause = "unknown-subset"
	AliasOnly        Cause = "alias-only" // an ExternalName, which has no cluster of its own
	UnfitForDynamic  Cause = "unfit-for-dynamic-dns"
	NothingToResolve Cause = "nothing-to-resolve" // DNS, and no endpoint
	NobodyBehind     Cause = "nobody-behind"      // no endpoint
	TooManyHops      Cause = "too-many-hops"
)

// At OpenShift's router.
const (
	NoOpenShiftRoute     Cause = "no-openshift-route"
	RouteService         Cause = "route-service" // its Service is not there
	RoutePort            Cause = "route-port"    // its Service has no such port, or nobody behind it
	RouteTakesTLS        Cause = "route-takes-tls"
	RouteTakesPlaintext  Cause = "route-takes-plaintext"
	RouteNeedsSNI        Cause = "route-needs-sni"
	NotExported          Cause = "not-exported" // by the other mesh
	FederationNoAddress  Cause = "federation-no-address"
	NotFollowed          Cause = "not-followed" // the model does not evaluate it
	NotInTheFiles        Cause = "not-in-files" // the files do not hold it
	DependsOnWhatIsThere Cause = "depends"      // something on the way may change or refuse it
	ByChance             Cause = "by-chance"    // istiod's own answer changes
)

// A fault is why something cannot be, in one line.
type fault struct {
	cause Cause
	text  string
}
