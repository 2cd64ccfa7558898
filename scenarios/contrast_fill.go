package scenarios

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/contrast"
)

// The sample workloads of Contrast's own demonstration, which are pinned as `contrast generate` demands it.
// https://github.com/edgelesssys/contrast/blob/main/internal/kuberesource/sets.go
const (
	emojiImage = "docker.io/buoyantio/emojivoto-emoji-svc:v11@sha256:957949355653776b65fafc2ee22f737cd21e090d4ace63f3b99f6e16976f0458"
	webImage   = "docker.io/buoyantio/emojivoto-web:v11@sha256:d21f9fdb794f754b076344ce01c4858c499617c952cc6a941ac3cefbf5ccedfd"
)

// fillSample names the sample workload, where the user names none.
func (p *Plan) fillSample(name, image string, port ContrastIngress) {
	c := &p.Spec.Client
	if !p.draft.Written("spec.client.namespace") {
		c.Namespace = "emojivoto"
	}
	setDefault(&c.Name, name)
	if !p.draft.Written("spec.client.image") && len(p.Spec.Contrast.Ingress) == 0 {
		p.Spec.Contrast.Ingress = []ContrastIngress{port}
	}
	setDefault(&c.Image, image)
	setDefault(&p.Metadata.Name, c.Name)
}

// fillContrast completes the section.
func (p *Plan) fillContrast() {
	k := &p.Spec.Contrast
	setDefault(&k.Generation, string(contrast.Current))
	setDefault(&k.RuntimeClass, contrast.RuntimeClassPrefix)
	// The name of the Service that leads to Coordinators which have a manifest.
	// https://github.com/edgelesssys/contrast/pull/1946
	setDefault(&k.CoordinatorHost, map[string]string{string(contrast.Legacy): "coordinator"}[k.Generation])
	setDefault(&k.CoordinatorHost, "coordinator-ready")
	k.Ingress, k.Egress = append([]ContrastIngress(nil), k.Ingress...), append([]ContrastEgress(nil), k.Egress...)
	taken := []int{k.AdminPort}
	for i := range k.Ingress {
		in := &k.Ingress[i]
		setDefault(&in.Name, fmt.Sprintf("port-%d", in.Port))
		setDefault(&in.TLS, string(contrast.MutualTLS))
		taken = append(taken, in.Port)
	}
	var all []contrast.Egress
	for i := range k.Egress {
		out := &k.Egress[i]
		if p.Spec.Service.Host != "" {
			setDefault(&out.Remote, p.serviceSocket())
		}
		host, _, _ := net.SplitHostPort(out.Remote)
		if _, err := netip.ParseAddr(host); err != nil {
			host, _, _ = strings.Cut(host, ".")
		}
		setDefault(&out.Name, host)
		all = append(all, contrast.Egress{Name: out.Name, Listen: out.Listen, Remote: out.Remote})
	}
	for i, e := range contrast.Allot(all, taken...) {
		k.Egress[i].Listen = e.Listen
	}
}

func (p *Plan) serviceSocket() string {
	return net.JoinHostPort(p.Spec.Service.Host, strconv.Itoa(p.Spec.Service.Port))
}

// ContrastConfig is what the sidecar of the plan's workload is told.
func (p *Plan) ContrastConfig() contrast.Config {
	k := p.Spec.Contrast
	c := contrast.Config{AdminPort: k.AdminPort}
	for _, in := range k.Ingress {
		c.Ingress = append(c.Ingress, contrast.Ingress{Name: in.Name, Port: in.Port, TLS: contrast.TLS(in.TLS)})
	}
	for _, out := range k.Egress {
		c.Egress = append(c.Egress, contrast.Egress{Name: out.Name, Listen: out.Listen, Remote: out.Remote})
	}
	return c
}

// WritesPods tells whether the plan writes the mesh's containers into its pods, and does not leave that to `contrast
// generate`.
func (p *Plan) WritesPods() bool { return p.Spec.Contrast.MeshImage != "" }

// A Remote is a Service of the cluster that the plan's workload calls through its sidecar.
type Remote struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Port      int    `json:"port"`
}

// Remotes are the Services of the cluster among the remotes, in the order of the entries. An address is nobody's name.
func (p *Plan) Remotes() []Remote {
	var all []Remote
	for _, out := range p.Spec.Contrast.Egress {
		host, text, err := net.SplitHostPort(out.Remote)
		port, _ := strconv.Atoi(text)
		name, namespace, known := p.clusterService(host)
		if err == nil && known {
			all = append(all, Remote{namespace, name, port})
		}
	}
	return all
}

// clusterService takes a host for the name of a Service, as the cluster's DNS answers it to the client's pods.
func (p *Plan) clusterService(host string) (name, namespace string, ok bool) {
	if _, err := netip.ParseAddr(host); err == nil {
		return "", "", false
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	switch {
	case len(labels) == 1:
		return labels[0], p.Spec.Client.Namespace, true
	case len(labels) == 2, len(labels) == 3 && labels[2] == "svc", strings.HasSuffix(host, clusterSuffix) && len(labels) == 5:
		return labels[0], labels[1], true
	}
	return "", "", false
}
