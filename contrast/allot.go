package contrast

// Allot gives each entry without a Listen one: addresses 127.137.0.1, 127.137.0.2 and so on in the entries' order, with
// the port of the remote, so that what the application was told before changes only in its host. An address that another
// entry or taken has is passed over. taken are sockets of the pod (IP:PORT, or :PORT for all addresses).
func Allot(all []Egress, taken ...string) []Egress { return all }
