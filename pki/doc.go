// Package pki says what is in certificate material and what is wrong with it, as the proxies that are given it will find:
// which keys of a Secret istiod serves, what Envoy can load of them, and whether the other side of a TLS accepts it.
//
// It is pure: no file, no network, no clock of its own. It knows no proxy, no path and no severity. What it says of
// private keys is their kind and length; no byte of a Secret's values is in a message, and nothing of a private key is
// kept after reading.
//
// Reading ([Reader.Secret], [Reader.Credential], [Reader.ConfigMap], [Reader.Route]) finds what is wrong at any time.
// [Material.Dates] needs the time, [Material.Server] and [Material.Client] are about one side of TLS, and
// [Question.Verify] holds what one side shows against what the other trusts. [Public] is what of a text may be passed on.
package pki
