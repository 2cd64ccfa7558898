package handshake_test

import (
	"context"
	"fmt"
	"log"
	"os"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

func Example() {
	dir, err := os.MkdirTemp("", "handshake")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	partner, err := handshake.NewAuthority("partner")
	if err != nil {
		log.Fatal(err)
	}
	certificate, err := partner.Issue(handshake.Leaf{DNS: []string{"api.partner.example"}})
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	nginx, err := handshake.Start(ctx, dir, handshake.Port{Servers: []handshake.Server{
		{Names: []string{"api.partner.example"}, Certificate: &certificate, ClientCA: partner.PEM()},
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer nginx.Close()

	// TLS, where the partner wants mutual TLS.
	client := handshake.Client{SNI: "api.partner.example", Roots: partner.PEM(), AutoName: true}
	result, err := nginx.Try(ctx, "", client, handshake.Request{Host: "api.partner.example"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ok %v, refused by the %s in %s: %s\n", result.OK, result.RefusedBy, result.Phase, result.Why)
	fmt.Println(result.ServerLog)
	// Output:
	// ok false, refused by the server in http: 400 No required SSL certificate was sent
	// client sent no required SSL certificate while reading client request headers
}
