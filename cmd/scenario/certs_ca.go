package main

import (
	"os"

	"github.com/spf13/pflag"
)

// caFlags name the files of a CA that exists.
type caFlags struct{ certificate, key string }

func (f *caFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.certificate, "ca-cert", "", "an existing CA's certificate, with those up to its root, as PEM")
	flags.StringVar(&f.key, "ca-key", "", "its private key, as PEM")
}

// read gives the chain and the private key; nothing where no file is named.
func (f caFlags) read() (chain, private []byte, err error) {
	if (f.certificate == "") != (f.key == "") {
		return nil, nil, usage("an existing CA is both files, --ca-cert and --ca-key", "one of --ca-cert and --ca-key without the other")
	}
	if f.certificate == "" {
		return nil, nil, nil
	}
	if chain, err = os.ReadFile(f.certificate); err != nil {
		return nil, nil, input(err)
	}
	if private, err = os.ReadFile(f.key); err != nil {
		return nil, nil, input(err)
	}
	return chain, private, nil
}
