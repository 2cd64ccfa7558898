package traffic

import (
	"regexp"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// schemes are those of URLs in a workload's settings, and what an application that has one sends. Databases open their
// connection in the clear and may change to TLS within it, which proxies do not see.
var schemes = map[string]string{
	"http": "http", "https": "https", "ws": "http", "wss": "https", "grpc": "h2c", "grpcs": "https",
	"postgres": "tcp", "postgresql": "tcp", "mysql": "tcp", "mongodb": "tcp", "redis": "tcp", "rediss": "tls", "amqp": "tcp",
	"amqps": "tls", "kafka": "tcp", "ldap": "tcp", "ldaps": "tls", "nats": "tcp", "tcp": "tcp", "tls": "tls", "smtp": "tcp",
}

// ports are those that a URL without one means.
var schemePorts = map[string]int{
	"http": 80, "https": 443, "ws": 80, "wss": 443, "grpc": 80, "grpcs": 443, "postgres": 5432, "postgresql": 5432, "mysql": 3306,
	"mongodb": 27017, "redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671, "ldap": 389, "ldaps": 636, "nats": 4222, "smtp": 25,
}

// address finds URLs in a text: scheme, host, and the port and path if there are. Who is named before an @ does not matter.
var address = regexp.MustCompile(`\b([a-z][a-z0-9+]*)://(?:[^\s/@"']+@)?([A-Za-z0-9.-]+)(?::([0-9]{1,5}))?(/[A-Za-z0-9._~/-]*)?`)

// overTLS is a URL of MongoDB that asks for TLS, which begins with the connection there.
var overTLS = regexp.MustCompile(`^mongodb://[^\s"']*[?&](?:ssl|tls)=true\b`)

// An Endpoint is a host and port that a URL names.
type Endpoint struct {
	Host string
	Port int
}

// Endpoints are those of the URLs in a text that go elsewhere than to the workload itself.
func Endpoints(text string) []Endpoint {
	var all []Endpoint
	for _, u := range URLs(text) {
		if !loopback(u.Host) {
			all = append(all, u.Endpoint)
		}
	}
	return all
}

// A URL is one that a text holds. From and To are where its scheme, host and port stand in the text.
type URL struct {
	Scheme string // as written, one that applications call
	Endpoint
	From, To int
}

// URLs are those of a text, of schemes that are known, with the port that they mean. They may go to the workload itself.
func URLs(text string) []URL {
	var all []URL
	for _, at := range address.FindAllStringSubmatchIndex(text, -1) {
		part := func(n int) string {
			if at[2*n] < 0 {
				return ""
			}
			return text[at[2*n]:at[2*n+1]]
		}
		if port := portOf(part(1), part(3)); schemes[part(1)] != "" && port != 0 {
			all = append(all, URL{part(1), Endpoint{part(2), port}, at[0], max(at[5], at[7])})
		}
	}
	return all
}

// readURLs notes the URLs that a container is given, and the ConfigMaps that give it more.
func (w *workload) readURLs(namespace string, c corev1.Container) {
	for _, text := range slices.Concat(c.Command, c.Args) {
		w.addURLs(text)
	}
	for _, e := range c.Env {
		w.addURLs(e.Value)
		if e.ValueFrom != nil && e.ValueFrom.ConfigMapKeyRef != nil {
			w.maps = append(w.maps, namespace+"/"+e.ValueFrom.ConfigMapKeyRef.Name)
		}
	}
	for _, e := range c.EnvFrom {
		if e.ConfigMapRef != nil {
			w.maps = append(w.maps, namespace+"/"+e.ConfigMapRef.Name)
		}
	}
}

func (w *workload) addURLs(text string) {
	for _, at := range address.FindAllStringIndex(text, -1) {
		url := text[at[0]:at[1]]
		if m := address.FindStringSubmatch(url); overTLS.MatchString(text[at[0]:]) {
			url = "tls://" + m[2] + ":" + itoa(portOf(m[1], m[3]))
		}
		if !slices.Contains(w.urls, url) {
			w.urls = append(w.urls, url)
		}
	}
}

// readConfigMapURLs gives the URLs of a ConfigMap to the workloads that read it.
func (x *Index) readConfigMapURLs(namespace string, c *corev1.ConfigMap) {
	key := namespace + "/" + c.Name
	for _, w := range x.workloads {
		if slices.Contains(w.maps, key) {
			for _, name := range sortedKeys(c.Data) {
				w.addURLs(c.Data[name])
			}
		}
	}
}
