package handshake

import (
	"crypto/x509"
	"testing"
	"time"
)

// outside is the world that the tests call: its authorities, its certificates, and one nginx for all of it.
type outside struct {
	partner, below, stranger, mesh *Authority

	// Certificates of clients.
	client, strange, expired, serverOnly, belowClient, workload *Certificate

	*Nginx
}

const (
	gatewayID  = "spiffe://cluster.local/ns/istio-system/sa/egress"
	gatewaySNI = "outbound_.443_.partner_.egress.istio-system.svc.cluster.local"
	clusterSNI = "outbound|443||api.partner.example"
)

func newOutside(t testing.TB) *outside {
	issue := func(authority *Authority, leaf Leaf) *Certificate {
		certificate := must(authority.Issue(leaf))
		return &certificate
	}
	past := time.Now().Add(-time.Minute)
	o := &outside{
		partner:  must(NewAuthority("partner")),
		stranger: must(NewAuthority("stranger")),
		mesh:     must(NewAuthority("cluster.local")),
	}
	o.below = must(o.partner.Subordinate("partner below"))
	o.client = issue(o.partner, Leaf{CommonName: "orders"})
	o.strange = issue(o.stranger, Leaf{CommonName: "orders"})
	o.expired = issue(o.partner, Leaf{CommonName: "late", NotAfter: past})
	o.serverOnly = issue(o.partner, Leaf{CommonName: "server", Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	o.belowClient = issue(o.below, Leaf{CommonName: "below"})
	o.workload = issue(o.mesh, Leaf{URIs: []string{"spiffe://cluster.local/ns/orders/sa/checkout"}})

	api := issue(o.partner, Leaf{DNS: []string{"api.partner.example", "optional.partner.example", "on.partner.example"}})
	chained := issue(o.below, Leaf{DNS: []string{"chained.partner.example"}})
	unchained := *chained
	// Only the first certificate, as servers have it that forgot the rest.
	unchained.CertPEM = firstOf(chained.CertPEM)

	start := time.Now()
	o.Nginx = must(Start(t.Context(), t.TempDir(),
		Port{Name: "tls", Servers: []Server{
			{Names: []string{"api.partner.example"}, Certificate: api},
			{Names: []string{"optional.partner.example"}, Certificate: api, ClientCA: o.partner.PEM(), ClientOptional: true},
			{Names: []string{"on.partner.example"}, Certificate: api, ClientCA: o.partner.PEM()},
			{Names: []string{"wild.partner.example", "too.deep.partner.example"}, Certificate: issue(o.partner, Leaf{DNS: []string{"*.partner.example"}})},
			{Names: []string{"expired.partner.example"}, Certificate: issue(o.partner, Leaf{DNS: []string{"expired.partner.example"}, NotAfter: past})},
			{Names: []string{"cn.partner.example"}, Certificate: issue(o.partner, Leaf{CommonName: "cn.partner.example"})},
			{Names: []string{"ip.partner.example"}, Certificate: issue(o.partner, Leaf{IPs: []string{"192.0.2.7"}})},
			{Names: []string{"client.partner.example"}, Certificate: issue(o.partner, Leaf{DNS: []string{"client.partner.example"}, Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})},
			{Names: []string{"chained.partner.example"}, Certificate: chained},
			{Names: []string{"unchained.partner.example"}, Certificate: &unchained},
		}},
		Port{Name: "gateway", SNIOnly: true, Servers: []Server{
			{Names: []string{gatewaySNI, clusterSNI}, Certificate: issue(o.mesh, Leaf{URIs: []string{gatewayID}}), ClientCA: o.mesh.PEM()},
			{Names: []string{"api.partner.example"}, Certificate: api},
		}},
		Port{Name: "h2", HTTP2: true, Servers: []Server{{Names: []string{"on.partner.example"}, Certificate: api, ClientCA: o.partner.PEM()}}},
		Port{Name: "1.3", MinVersion: 0x304, Servers: []Server{{Names: []string{"api.partner.example"}, Certificate: api}}},
		// The same name for others: a port of its own.
		Port{Name: "strict", Servers: []Server{{Names: []string{"api.partner.example"}, Certificate: issue(o.stranger, Leaf{DNS: []string{"api.partner.example"}}), ClientCA: o.stranger.PEM()}}},
		Port{Name: "router", Servers: []Server{
			{Names: []string{"apps.example"}, Certificate: issue(o.partner, Leaf{DNS: []string{"*.apps.example"}}), Default: true},
			{Names: []string{"api.partner.example"}, Certificate: api},
		}},
		Port{Name: "plain", Plain: true, Servers: []Server{{Names: []string{"api.partner.example"}}}},
	))
	tally.start, tally.rss = time.Since(start), rss(o.command.Process.Pid)
	t.Cleanup(o.Close)
	return o
}
