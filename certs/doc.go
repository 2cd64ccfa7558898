// Package certs makes the certificates that scenarios need, keeps them in a folder, and gives them out as Secrets.
//
// A [Store] is that folder: an authority, or the address of one, the certificates with their keys, and a public index. What
// a change writes is all there or not at all, whenever it is cut short. An [Issuer] signs; cfssl does it, and no other
// package knows cfssl.
//
// Nothing here prints, and no private key is in an error. Clocks are given, so that the same call at the same time does the
// same, but for the keys and numbers that are drawn at random.
package certs
