package pki

import "slices"

// A File is one that a proxy reads. Without Data it is not known what is in it.
type File struct {
	Name string
	Data []byte
}

// PairFiles reads the files of a chain and its key, which may be one.
func (r *Reader) PairFiles(cert, key File) (Material, []Fault) {
	var m Material
	m.Served.Cert, m.Served.Key = cert.Name, key.Name
	faults := r.chain(&m, cert.Name, cert.Data)
	if cert.Name == key.Name {
		faults = slices.DeleteFunc(faults, func(f Fault) bool { return f.Kind == KeyInChain })
	}
	if key.Data != nil {
		faults = append(faults, r.key(&m, key.Name, key.Data)...)
	}
	return m, sorted(append(m.matched(faults), outlives(cert.Name, m.Chain, nil)...))
}

// CAFile reads the file of a CA, and one of its revocation lists, if there is one.
func (r *Reader) CAFile(ca, crl File) (Material, []Fault) {
	var m Material
	m.Served.CA, m.Served.CRL = ca.Name, crl.Name
	faults := r.ca(&m, ca.Name, ca.Data)
	if crl.Data != nil {
		faults = append(faults, r.crl(&m, crl.Name, crl.Data)...)
	}
	return m, sorted(faults)
}
