package pki

import (
	"bytes"
	"cmp"
	"encoding/asn1"
	"fmt"
)

// refused is what Envoy does with a value of which it can load nothing.
const refused = "The proxy cannot load it: a listener resets its connections, a cluster answers 503"

// Base64 decodes what stands under data of a Secret.
func Base64(key, encoded string) ([]byte, []Fault) {
	if encoded == "" {
		return nil, nil
	}
	data, ok := decode64([]byte(encoded))
	if ok {
		return data, nil
	}
	fault := Fault{
		Rule: "MSH519", Kind: NotBase64, Key: key, Breaks: true,
		Message:     key + " under data is not base64",
		Consequence: "The API server refuses the Secret",
		Fix:         "Encode the value, or move it to stringData",
	}
	if bytes.Contains([]byte(encoded), begin) {
		fault.Message += ", but PEM as it is"
		fault.Fix = "Move it to stringData, or encode it"
	}
	return nil, []Fault{fault}
}

// unreadable says why a value has no PEM block at all.
func unreadable(key string, data []byte, t text) Fault {
	f := Fault{Rule: "MSH519", Key: key, Consequence: refused, Breaks: true}
	trimmed := bytes.TrimSpace(data)
	switch {
	case len(trimmed) == 0:
		f.Kind, f.Message, f.Fix = Empty, key+" is empty", "Put the PEM text in"
	case t.inside:
		f.Kind, f.Message, f.Fix = Mangled, key+" holds PEM of which no line begins with -----BEGIN: "+mangling(data),
			"Write every BEGIN, END and body line on a line of its own, with nothing before it"
	case cmp.Or(binary(data), binary(trimmed)) != "": // a binary file may end in what looks like white space
		f.Kind, f.Message, f.Fix = DER, key+" holds "+cmp.Or(binary(data), binary(trimmed))+", not PEM", "Convert it to PEM"
	case twice(trimmed):
		f.Kind, f.Message, f.Fix = TwiceBase64, key+" is base64 once more after decoding", "Encode it once, or use stringData with the PEM text"
	case trimmed[0] == '/' && len(trimmed) < 256 && !bytes.ContainsAny(trimmed, "\n "):
		f.Kind, f.Message, f.Fix = NoPEM, key+" holds the name of a file, not what is in it", "Put the file's content in"
	default:
		f.Kind, f.Message, f.Fix = NoPEM, key+" holds no PEM", "Put the PEM text in"
	}
	return f
}

func mangling(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return "a byte order mark stands before it"
	case bytes.Contains(data, []byte(`\n`)):
		return `line ends are written as \n`
	case bytes.Contains(data, []byte("\n")):
		return "the lines are indented, or follow other text"
	default:
		return "all of it is on one line"
	}
}

// binary says what kind of binary file it is, or "".
func binary(data []byte) string {
	if bytes.HasPrefix(data, []byte("\xfe\xed\xfe\xed")) {
		return "a Java keystore"
	}
	var outer, first asn1.RawValue
	if rest, err := asn1.Unmarshal(data, &outer); err != nil || len(rest) > 1 || outer.Tag != asn1.TagSequence || !outer.IsCompound {
		return ""
	}
	if _, err := asn1.Unmarshal(outer.Bytes, &first); err != nil {
		return ""
	}
	if first.Tag == asn1.TagInteger && bytes.Equal(first.Bytes, []byte{3}) {
		return "a PKCS #12 file"
	}
	return "DER"
}

// twice tells whether it is base64 of something that belongs into a Secret.
func twice(data []byte) bool {
	inner, ok := decode64(bytes.Join(bytes.Fields(data), nil))
	return ok && len(data) > 16 && (bytes.Contains(inner, begin) || binary(inner) != "")
}

// value reads the blocks of a value, and tells what is wrong with it as a text.
func value(key string, data []byte) (text, []Fault) {
	t := scan(data)
	var faults []Fault
	for _, d := range t.damaged {
		faults = append(faults, Fault{
			Rule: "MSH519", Kind: Damaged, Key: key, Index: d.after + 1, Breaks: true,
			Message:     fmt.Sprintf("block %d of %s, %q, cannot be read: %s", d.after+1, key, short(d.name), d.why),
			Consequence: refused, Fix: "Copy the block anew, from its BEGIN line to its END line",
		})
	}
	switch {
	case len(t.blocks) == 0 && len(t.damaged) == 0 && t.veiled:
	case len(t.blocks) == 0 && len(t.damaged) == 0:
		faults = append(faults, unreadable(key, data, t))
	case t.inside:
		faults = append(faults, Fault{
			Rule: "MSH519", Kind: Mangled, Key: key, Breaks: true,
			Message:     key + " holds a -----BEGIN that does not begin its line, which is passed over",
			Consequence: "The certificates from there on are not loaded",
			Fix:         "Put a line end before every BEGIN, and nothing else",
		})
	case t.junk:
		faults = append(faults, Fault{
			Rule: "MSH519", Kind: Junk, Key: key,
			Message:     key + " has text after its last block",
			Consequence: "Proxies pass over it; other readers may not",
			Fix:         "Remove it",
		})
	}
	return t, faults
}

// short bounds what a stranger wrote.
func short(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
