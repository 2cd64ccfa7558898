package traffic

import (
	"fmt"
	"strconv"

	networking "istio.io/api/networking/v1alpha3"
)

// inject does at a hop what the fault of a route does: a delay of some or all requests is noted, and an answer that all get
// instead of the service's is returned, or "". That only some get one is noted as not read. Without a percentage a fault is
// for nobody (TranslateFault in pilot/pkg/networking/core/route/route.go of istio/istio).
func (h *hop) inject(f *networking.HTTPFaultInjection, from *source) (answer string) {
	if d := f.GetDelay(); d.GetFixedDelay() != nil {
		percent := d.GetPercentage().GetValue()
		if d.Percentage == nil {
			//lint:ignore SA1019 it still counts
			percent = float64(d.Percent)
		}
		if percent > 0 {
			h.Delay = d.GetFixedDelay().AsDuration().String() + ofSome(percent)
		}
	}
	switch status := f.GetAbort().GetErrorType().(type) {
	case *networking.HTTPFaultInjection_Abort_HttpStatus:
		answer = strconv.Itoa(int(status.HttpStatus))
	case *networking.HTTPFaultInjection_Abort_GrpcStatus:
		answer = "gRPC status " + status.GrpcStatus
	}
	percent := f.GetAbort().GetPercentage().GetValue()
	if percent >= 100 {
		return answer
	}
	if percent > 0 {
		h.NotRead = append(h.NotRead, fmt.Sprintf("fault of %s (%s%s)", from.id, answer, ofSome(percent)))
	}
	return ""
}

// ofSome tells of how many requests something is true, unless it is of all.
func ofSome(percent float64) string {
	if percent >= 100 {
		return ""
	}
	return " for " + strconv.FormatFloat(percent, 'f', -1, 64) + " %"
}
