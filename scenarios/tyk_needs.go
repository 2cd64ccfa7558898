package scenarios

import (
	"fmt"
	"slices"
)

// tykNeeds says what the mesh must have already. Keys are never part of a command: files and pipes carry them.
func (p *Plan) tykNeeds(has func(Part) bool) []Need {
	k := p.Spec.Tyk
	own := k.Controller.Namespace
	tls := p.Spec.Encryption != None
	var needs []Need
	if !has(ControlPlane) {
		needs = append(needs, Need{Text: fmt.Sprintf("tyk-k8s in namespace %s, with last-mile TLS %s; --include control-plane renders it", own, onOff(tls))})
	} else {
		needs = append(needs, p.tykControllerNeeds(tls)...)
		if has(Members) || has(Workload) {
			needs = append(needs, Need{
				Text:    "the workloads and Services applied once more when the controller is ready: until then the API server refuses to make their pods and Services, for it cannot ask it",
				Command: fmt.Sprintf("%s rollout status deployment tyk-k8s -n %s", p.CLI(), own),
			})
		}
	}
	for _, namespace := range k.Namespaces {
		switch {
		case namespace == "default":
			needs = append(needs, Need{
				Text:    "namespace default, where pods may have a privileged init container: they may where nobody has forbidden it",
				Command: p.CLI() + " label namespace default pod-security.kubernetes.io/enforce=privileged --overwrite",
			})
		case !has(Namespaces):
			needs = append(needs, Need{Text: fmt.Sprintf("namespace %s, where pods may have a privileged init container; --include namespaces renders it", namespace)})
		}
	}
	if tls && k.CA.Certificate == "" {
		for _, namespace := range p.caNamespaces(has) {
			needs = append(needs, Need{
				Text:    fmt.Sprintf("ConfigMap %s/ca-pem with the CA's certificate, without which its pods do not start; --set-file tyk.ca.certificate=ca.pem renders it", namespace),
				Command: fmt.Sprintf("%s create configmap ca-pem -n %s --from-file=ca.crt=ca.pem", p.CLI(), namespace),
			})
		}
	}
	for _, namespace := range k.Namespaces {
		needs = append(needs, Need{
			Text:    fmt.Sprintf("Secret %s/%s with secret and node-secret, those of the Tyk Dashboard: the sidecars read it there", namespace, k.Secrets.Sidecar),
			Command: p.keyCommand(k.Secrets.Sidecar, namespace, "secret", "node-secret"),
		})
	}
	if p.Spec.Encryption == Mutual {
		needs = append(needs, Need{Text: "API definitions that ask for client certificates: tyk-k8s reads no groups. `scenario tyk grants` and `scenario tyk apis` make them of these manifests, to be put into the Dashboard before the pods start"})
	}
	return needs
}

// tykControllerNeeds are those of the control-plane part.
func (p *Plan) tykControllerNeeds(tls bool) []Need {
	k := p.Spec.Tyk
	own := k.Controller.Namespace
	needs := []Need{
		{Text: fmt.Sprintf("a Tyk Dashboard at %s and Redis at %s", k.DashboardURL, k.StorageHosts)},
		{Text: "an image of tyk-k8s that reads Ingresses of networking.k8s.io/v1, or Kubernetes 1.21: the last published one waits without end for v1beta1, before it serves its webhook, and is no longer maintained (https://github.com/TykTechnologies/tyk-operator is its successor)"},
		{
			Text:    fmt.Sprintf("Secret %s/%s with secret, the Dashboard's API key, and org", own, k.Secrets.Dashboard),
			Command: p.keyCommand(k.Secrets.Dashboard, own, "secret", "org"),
		},
	}
	if k.Controller.WebhookCA == "" {
		needs = append(needs, Need{
			Text:    "the CA of the webhook's certificate in MutatingWebhookConfiguration tyk-k8s; --set-file tyk.controller.webhookCA=ca.pem renders it",
			Command: fmt.Sprintf(`%s patch mutatingwebhookconfiguration tyk-k8s --type json -p "[{\"op\":\"add\",\"path\":\"/webhooks/0/clientConfig/caBundle\",\"value\":\"$(base64 < ca.pem | tr -d '\n')\"}]"`, p.CLI()),
		})
	}
	if !tls {
		return needs
	}
	needs = append(needs, Need{
		Text:    fmt.Sprintf("Secret %s/%s, the certificate and key that CFSSL signs with, made of the request in ConfigMap cfssl-config; with certs init, scenario issues the certificates of CFSSL and of the webhook by it too", own, k.Secrets.CA),
		Command: fmt.Sprintf(`%[1]s get configmap cfssl-config -n %[2]s -o jsonpath='{.data.csr_ca\.json}' | cfssl gencert -initca - | cfssljson -bare ca && %[1]s create secret tls %[3]s -n %[2]s --cert=ca.pem --key=ca-key.pem && scenario certs init --ca-cert ca.pem --ca-key ca-key.pem`, p.CLI(), own, k.Secrets.CA),
	}, Need{
		Text:    fmt.Sprintf("Secret %s/%s, 16 random bytes in hexadecimal, by which CFSSL knows the controller", own, k.Secrets.AuthKey),
		Command: fmt.Sprintf(`head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n' | %s create secret generic %s -n %s --from-file=key=/dev/stdin`, p.CLI(), k.Secrets.AuthKey, own),
	}, Need{
		Text:    fmt.Sprintf("Secret %s/%s with url, mongodb://USER:PASSWORD@HOST:27017/tyk_analytics: the controller records certificates there, keys included", own, k.Secrets.Mongo),
		Command: p.keyCommand(k.Secrets.Mongo, own, "url"),
	})
	if k.CA.RenewalImage == "" {
		needs = append(needs, Need{Text: "somebody who starts meshed pods anew before their certificates end, within 90 days: tyk-k8s renews none; --set tyk.ca.renewalImage=IMAGE renders a job that tells which are due"})
	}
	return needs
}

// keyCommand makes a Secret of files, one for each key.
func (p *Plan) keyCommand(name, namespace string, keys ...string) string {
	command := fmt.Sprintf("%s create secret generic %s -n %s", p.CLI(), name, namespace)
	for _, key := range keys {
		command += " --from-file=" + key
	}
	return command
}

// caNamespaces are those where ConfigMap ca-pem is mounted: with the controller, its own too.
func (p *Plan) caNamespaces(has func(Part) bool) []string {
	all := slices.Clone(p.Spec.Tyk.Namespaces)
	if has(ControlPlane) {
		all = append(all, p.Spec.Tyk.Controller.Namespace)
	}
	return all
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// tykSecrets are the certificates of the mesh's own servers. Those of workloads the controller asks CFSSL for by itself.
func (p *Plan) tykSecrets(has func(Part) bool) []Secret {
	if !has(ControlPlane) {
		return nil
	}
	k := p.Spec.Tyk
	own := k.Controller.Namespace
	server := func(secret, service, reader string) Secret {
		leaf := &Leaf{Name: leafName(own, secret), Server: true, CommonName: commonName(service + "." + own + ".svc")}
		for _, name := range []string{service + "." + own, service + "." + own + ".svc"} {
			leaf.name(name)
		}
		return Secret{Namespace: own, Name: secret, Consumer: Application, Reader: reader, Pair: leaf}
	}
	all := []Secret{server(k.Secrets.Webhook, "tyk-k8s-svc", "the controller")}
	if p.Spec.Encryption != None {
		all = append(all, server(k.Secrets.CFSSL, "cfssl-svc", "CFSSL"))
	}
	return all
}
