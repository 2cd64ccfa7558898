package traffic

import "sync"

// A proxy is the Envoy of a workload, with what istiod would tell it, made when it is asked for.
type proxy struct {
	workload  *workload
	scope     *scope
	once      sync.Once
	listeners map[bindPort]*listener
	tables    map[tableKey]*table
	merged    *merged // of a gateway
	rest      *listener
}

// proxyOf finds or makes the proxy of a workload.
func (x *Index) proxyOf(w *workload) *proxy {
	x.mutex.Lock()
	p := x.proxies[w]
	if p == nil {
		p = &proxy{workload: w, tables: map[tableKey]*table{}}
		x.proxies[w] = p
	}
	x.mutex.Unlock()
	p.once.Do(func() {
		p.scope = x.scopeOf(w)
		if w.gateway {
			p.listeners = x.gatewayListeners(p)
			return
		}
		p.listeners = x.outbound(p)
		p.rest = &listener{bind: "virtualOutbound", rest: x.unregistered(p)}
	})
	return p
}
