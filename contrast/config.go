package contrast

// TLS is what a client must speak to reach a port.
type TLS string

const (
	// MutualTLS asks for a client certificate of the mesh CA. It is what a port has that no entry names.
	MutualTLS TLS = "mutual"
	// ServerTLS shows the workload's certificate and asks for none: the entry ends in #false.
	ServerTLS TLS = "server"
	// NoTLS leaves the connection to the application: the entry ends in #true.
	NoTLS TLS = "none"
)

// Ingress is what clients of a port must speak.
type Ingress struct {
	Name string `json:"name"`
	Port int    `json:"port"`
	TLS  TLS    `json:"tls"`
}

// Egress is a socket on which the sidecar waits for the pod's own application, and where it goes from there.
type Egress struct {
	Name   string `json:"name"`
	Listen string `json:"listen"` // 127.x.x.x:PORT; "" until [Allot] chooses
	Remote string `json:"remote"` // HOST:PORT
}

// Config is what the sidecar of a pod is told.
type Config struct {
	Ingress []Ingress `json:"ingress,omitempty"`
	// IngressDisabled leaves what comes in alone, whatever the entries say. It is written as [Disabled].
	IngressDisabled bool     `json:"ingressDisabled,omitempty"`
	Egress          []Egress `json:"egress,omitempty"`
	AdminPort       int      `json:"adminPort,omitempty"` // 0 is no admin interface
}

// Strings are a [Config] as the sidecar reads it: the values of its variables, or of the annotations.
type Strings struct {
	Ingress   string `json:"ingress"`
	Egress    string `json:"egress"`
	AdminPort string `json:"adminPort"`
}
