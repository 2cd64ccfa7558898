// Package certmanager writes the manifests by which cert-manager makes the Secrets that plans read: a Certificate where
// one is shown, and, where nobody names an issuer, a CA of the cluster's own.
//
// It knows cert-manager (cert-manager.io/v1) and trust-manager (trust.cert-manager.io/v1alpha1) by their fields alone, and
// holds no private key: those never leave the cluster.
package certmanager
