package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/meshscenario/scenario/certs"
)

// caFlags name the CA where it exists already: its files, or the CFSSL server that has its key.
type caFlags struct {
	certificate, key string
	remote           certs.RemoteSource
	serverCA         string
}

func (f *caFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.certificate, "ca-cert", "", "an existing CA's certificate, with those up to its root, as PEM")
	flags.StringVar(&f.key, "ca-key", "", "its private key, as PEM")
	flags.StringVar(&f.remote.URL, "cfssl", "", "the CFSSL server that has its key: https://HOST:PORT")
	flags.StringVar(&f.serverCA, "cfssl-ca", "", "PEM file of the CA of the server's own certificate (default: --ca-cert)")
	flags.StringVar(&f.remote.KeyFile, "cfssl-key-file", "", "file with the key that authenticates requests, in hexadecimal (default: $"+certs.RemoteKeyVariable+")")
	flags.StringVar(&f.remote.ServerProfile, "cfssl-server-profile", "", "its signing profile for servers (default server; what it does not know, it signs by its default)")
	flags.StringVar(&f.remote.ClientProfile, "cfssl-client-profile", "", "its signing profile for clients (default client)")
	flags.StringVar(&f.remote.Label, "cfssl-label", "", "which of the server's CAs, where it has several")
}

// read fills in the CA that the flags name; nothing where they name none.
func (f caFlags) read(i *certs.Init) error {
	var err error
	if f.remote.URL == "" {
		if f.serverCA+f.remote.KeyFile+f.remote.ServerProfile+f.remote.ClientProfile+f.remote.Label != "" {
			return usage("name the server: --cfssl https://HOST:PORT", "--cfssl-ca, --cfssl-key-file, --cfssl-label and the profiles go with --cfssl")
		}
		if (f.certificate == "") != (f.key == "") {
			return usage("an existing CA is both files, --ca-cert and --ca-key", "one of --ca-cert and --ca-key without the other")
		}
	} else if f.certificate == "" || f.key != "" {
		return usage("--ca-cert names the CA's certificate, with those up to its root; its key stays with the server", "--cfssl goes with --ca-cert, and without --ca-key")
	}
	if f.certificate == "" {
		return nil
	}
	if i.Chain, err = os.ReadFile(f.certificate); err != nil {
		return input(err)
	}
	if f.remote.URL == "" {
		if i.PrivateKey, err = os.ReadFile(f.key); err != nil {
			return input(err)
		}
		return nil
	}
	remote := f.remote
	remote.ServerCA = i.Chain
	if f.serverCA != "" {
		if remote.ServerCA, err = os.ReadFile(f.serverCA); err != nil {
			return input(err)
		}
	}
	// The store is used from other folders, too.
	if remote.KeyFile != "" {
		if remote.KeyFile, err = filepath.Abs(remote.KeyFile); err != nil {
			return environment(err)
		}
	}
	i.Remote = &remote
	return nil
}
