package scenarios

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/meshscenario/scenario/contrast"
)

// checkContrast reports what the sidecar would not do as it is told.
func (p *Plan) checkContrast(r *report) {
	const section = "spec.contrast"
	k := p.Spec.Contrast
	faults := contrast.FaultsOf(p.ContrastConfig().Check())
	derived := map[int]bool{} // entries of which name and listen are taken from a remote that is wrong
	for _, f := range faults {
		if f.Part == contrast.RemotePart {
			derived[f.Entry] = true
		}
	}
	for _, f := range faults {
		path := section + "." + map[contrast.Field]string{contrast.InIngress: "ingress", contrast.InEgress: "egress", contrast.InAdminPort: "adminPort"}[f.Field]
		if f.Entry >= 0 {
			path = fmt.Sprintf("%s[%d]", path, f.Entry)
		}
		if f.Part != "" {
			path += "." + f.Part
		}
		if f.Field == contrast.InEgress && f.Part != contrast.RemotePart && derived[f.Entry] && !p.draft.Written(path) {
			continue
		}
		r.problem(path, f.Fix, "%s: %s", f.What, f.Why)
	}
	p.checkSockets(r)
	p.checkRemotes(r)
	legacy := k.Generation == string(contrast.Legacy)
	switch missing := ""; {
	case k.InitializerImage != "" && k.MeshImage == "":
		missing = "meshImage"
		fallthrough
	case k.InitializerImage == "" && k.MeshImage != "":
		if missing == "" {
			missing = "initializerImage"
		}
		r.problem(section+"."+missing, "give both with their digests, or neither", "missing: the pod is written whole or not at all")
	case k.MeshImage == "" && legacy:
		r.problem(section+".meshImage", "give initializerImage and meshImage with their digests, as the release's notes list them; or leave generation out", "missing: pods of generation legacy carry the mesh's containers, which nothing adds")
	case k.MeshImage == "" && p.draft.Written(section+".coordinatorHost"):
		r.problem(section+".coordinatorHost", "leave it out, or give initializerImage and meshImage", "contrast generate takes it from the Coordinator's own manifest")
	}
	if p.draft.Written("spec.client.image") && !digestForm.MatchString(p.Spec.Client.Image) {
		r.problem("spec.client.image", "write NAME@sha256:…, as docker inspect or skopeo inspect shows it", "%q has no digest, and what runs in a confidential pod is measured: contrast generate refuses images that are not pinned", p.Spec.Client.Image)
	}
}

// checkSockets refuses what the application and its sidecar cannot both have.
func (p *Plan) checkSockets(r *report) {
	k := p.Spec.Contrast
	ports := map[int]int{}
	for i, in := range k.Ingress {
		ports[in.Port] = i
		if in.Port == 0 {
			r.problem(fmt.Sprintf("spec.contrast.ingress[%d].port", i), "", "missing")
		}
	}
	variables := map[string]int{}
	for i, out := range k.Egress {
		at := fmt.Sprintf("spec.contrast.egress[%d]", i)
		if listen, err := netip.ParseAddrPort(out.Listen); err == nil {
			if j, taken := ports[int(listen.Port())]; taken {
				r.problem(at+".listen", "choose another port, or leave listen out", "the application listens on port %d itself (spec.contrast.ingress[%d]), on every address of the pod", listen.Port(), j)
			}
		}
		if j, twice := variables[out.Env]; twice && out.Env != "" {
			r.problem(at+".env", "give each remote a variable of its own", "%s is spec.contrast.egress[%d]'s already", out.Env, j)
		}
		variables[out.Env] = i
		if out.Scheme != "" && out.Env == "" {
			r.problem(at+".scheme", "name the variable in env, or leave scheme out", "stands before an address in a variable, and none is named")
		}
	}
}

// checkRemotes refuses hosts that cannot show a certificate of the deployment.
func (p *Plan) checkRemotes(r *report) {
	for i, out := range p.Spec.Contrast.Egress {
		host, _, err := net.SplitHostPort(out.Remote)
		if _, isAddress := netip.ParseAddr(host); err != nil || isAddress == nil {
			continue
		}
		if _, _, known := p.clusterService(host); !known {
			path := fmt.Sprintf("spec.contrast.egress[%d].remote", i)
			if !p.draft.Written(path) {
				path = "spec.service.host"
			}
			r.problem(path, "let the application call it with TLS of its own: nothing captures what a pod sends; or call it from a target of Istio (1a, 1b)",
				"%s is no Service of the cluster: the sidecar trusts the CA of the Contrast deployment alone, so only a workload of the deployment can answer it", host)
		}
	}
}

// ownDeployment is the workload, which one definition describes.
func (p *Plan) ownDeployment() []claim {
	return []claim{{
		place: "in namespace " + p.Spec.Client.Namespace, what: "Deployment " + p.Spec.Client.Name, path: "spec.client.name",
		hint: "one definition describes all that a workload's sidecar does: put the entries of both into its contrast.ingress and contrast.egress",
	}}
}
