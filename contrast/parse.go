package contrast

// Parse reads the strings of a pod. The error is [Faults]; the configuration is what the sidecar reads as far as it gets,
// so a port beyond 65535 is the one it wraps around to.
func Parse(s Strings) (Config, error) { return Config{}, nil }

// ParseIngress is [Parse] of an ingress string alone.
func ParseIngress(s string) ([]Ingress, error) {
	c, err := Parse(Strings{Ingress: s})
	return c.Ingress, err
}

// ParseEgress is [Parse] of an egress string alone.
func ParseEgress(s string) ([]Egress, error) {
	c, err := Parse(Strings{Egress: s})
	return c.Egress, err
}

// Check finds the mistakes of a model before it is written: the error is [Faults], without offsets. An empty Listen is
// one: [Allot] first.
func (c Config) Check() error { return nil }
