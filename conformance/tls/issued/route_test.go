package issued

// A route is what scenario trace -o json says of a request, as far as it is about TLS.
type route struct {
	Request struct{ From, To string }
	Hops    []hop
	Outcome struct{ Code, Reason string }
}

type hop struct {
	Proxy       string
	Workload    string // NAMESPACE/NAME
	Mesh        string // "" is that of the request; else the other of two that are joined
	Destination struct {
		Host string
		Port int
	}
	Wire struct {
		Layers    int
		Mode, SNI string
	}
	Verify struct {
		Server struct {
			CA    string
			Names []string
		}
		Client struct{ Credential string }
	}
	Terminates *termination
}

// A termination is TLS that the hop's proxy takes off before it sends on.
type termination struct {
	Credential, ClientCA string
	Required             bool
	ServerNames          []string
	ClientNames          []string
}

// A crossing is one TLS of a route: who puts it around the connection, and who takes it off.
type crossing struct {
	from   string // who made the request
	sender hop
	// end is the hop that takes it off; nil where it leaves the mesh, or reaches an application that ends it by itself.
	end  *termination
	last hop
}

// crossings are the TLS of a route, each with both of its ends.
func (p route) crossings() []crossing {
	var all []crossing
	var under []hop // who put the TLS around the connection that is there, from the outermost layer but inside first
	for _, h := range p.Hops {
		if h.Terminates != nil && len(under) > 0 {
			all = append(all, crossing{p.Request.From, under[len(under)-1], h.Terminates, h})
			under = under[:len(under)-1]
		}
		for len(under) < h.Wire.Layers {
			under = append(under, h)
		}
	}
	if len(under) > 0 {
		all = append(all, crossing{p.Request.From, under[0], nil, p.Hops[len(p.Hops)-1]})
	}
	return all
}
