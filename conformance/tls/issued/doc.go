// Package issued tries, by real TLS, what scenario certs makes: nginx is the outside service, the gateway and the
// application that ends TLS, and Go, openssl and curl are who calls.
//
// The tests run the command as a user would. What each side of a handshake does they take from the rendered bundle (its
// manifests, and what scenario trace says of its hops), never from what certs made: that only fills the Secrets that the
// bundle names.
package issued
