package pki

import (
	"bytes"
	"encoding/base64"

	"github.com/meshscenario/scenario/veil"
)

// A block is one PEM block.
type block struct {
	name      string // between "BEGIN " and the dashes
	der       []byte
	encrypted bool // by the old headers: Proc-Type: 4,ENCRYPTED
}

// A text is what a line-wise reading of PEM finds.
type text struct {
	blocks  []block
	damaged []damage
	inside  bool // BEGIN stands somewhere, but not at the beginning of a line
	junk    bool // text after the last block that is no comment
	veiled  bool // something stands for what is not there, see package veil
}

// A damage is a block that cannot be read.
type damage struct {
	after int // that many blocks before it
	name  string
	why   string
}

var (
	begin  = []byte("-----BEGIN ")
	end    = []byte("-----END ")
	dashes = []byte("-----")
)

// scan reads PEM as BoringSSL and OpenSSL do, which is stricter than package encoding/pem: that passes over what it does
// not understand, but Envoy refuses all of a value with one damaged block (its PEM_read_bio_X509 fails with another error
// than "no start line"; source/common/tls in envoyproxy/envoy).
func scan(data []byte) text {
	if veil.Is(data) {
		return text{veiled: true}
	}
	var t text
	var open *block
	var body []byte
	header := false
	broken := func(why string) {
		t.damaged = append(t.damaged, damage{len(t.blocks), open.name, why})
		open = nil
	}
	for len(data) > 0 {
		var line []byte
		line, data, _ = bytes.Cut(data, []byte("\n"))
		line = bytes.TrimRight(line, " \t\r\x00\v\f")
		name, begins := beginning(line)
		switch {
		case open != nil && begins:
			broken("it has no END line")
			open, body, header = &block{name: name}, nil, false
		case begins:
			open, body, header, t.junk = &block{name: name}, nil, false, false
		case open == nil:
			t.inside = t.inside || bytes.Contains(line, begin)
			if rest := bytes.TrimLeft(line, " \t"); len(rest) > 0 && rest[0] != '#' {
				t.junk = len(t.blocks) > 0
			}
		case bytes.HasPrefix(line, end):
			if string(line) != "-----END "+open.name+"-----" {
				broken("its END line is not the same as its BEGIN line, or something follows on that line")
				continue
			}
			if veil.Body(body) {
				t.veiled, open = true, nil
				continue
			}
			der, ok := decode64(body)
			if !ok {
				broken("its body is not base64")
				continue
			}
			open.der = der
			t.blocks = append(t.blocks, *open)
			open = nil
		case bytes.IndexByte(line, ':') >= 0 && len(body) == 0:
			header = true
			open.encrypted = open.encrypted || bytes.Contains(line, []byte("ENCRYPTED"))
		case header:
			header = len(line) > 0 // a header goes on until an empty line
		default:
			body = append(body, line...)
		}
	}
	if open != nil {
		broken("it has no END line")
	}
	return t
}

// beginning is the name in a BEGIN line.
func beginning(line []byte) (string, bool) {
	rest, ok := bytes.CutPrefix(line, begin)
	if !ok {
		return "", false
	}
	name, ok := bytes.CutSuffix(rest, dashes)
	return string(name), ok && !bytes.Contains(name, dashes)
}

// decode64 decodes base64 with white space in it.
func decode64(body []byte) ([]byte, bool) {
	if bytes.ContainsAny(body, " \t") {
		body = bytes.Join(bytes.Fields(body), nil)
	}
	out := make([]byte, base64.StdEncoding.DecodedLen(len(body)))
	n, err := base64.StdEncoding.Decode(out, body) // passes over line ends
	return out[:n], err == nil && n > 0
}
