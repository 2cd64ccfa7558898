package certs

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
)

// RemoteKeyVariable is the environment variable that holds the key of a CFSSL server where no file does.
const RemoteKeyVariable = "SCENARIO_CFSSL_KEY"

var errNotHex = errors.New("the key of the CFSSL server is not hexadecimal digits, two a byte, as its auth_keys has them")

// RemoteKey reads the key that authenticates requests from a file, or with "" from the environment: hexadecimal digits, with
// or without white space around them.
func RemoteKey(file string) (string, error) {
	text, set := os.LookupEnv(RemoteKeyVariable)
	if file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		text = string(data)
	} else if !set {
		return "", fmt.Errorf("no key for the CFSSL server: name a file, or set %s", RemoteKeyVariable)
	}
	key := strings.TrimSpace(text)
	return key, checkAuthKey(key)
}

// checkAuthKey never repeats what it checks.
func checkAuthKey(key string) error {
	data, err := hex.DecodeString(key)
	switch {
	case key == "":
		return errors.New("the key of the CFSSL server is empty")
	case err != nil:
		return errNotHex
	case len(data) < 16:
		return fmt.Errorf("the key of the CFSSL server has %d bits, and 128 are the least: a recorded request is enough to guess it", 8*len(data))
	}
	return nil
}
