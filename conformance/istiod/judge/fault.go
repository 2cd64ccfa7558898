package judge

import (
	"fmt"
	"strconv"

	envoyroute "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	faulthttp "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/fault/v3"
	envoytype "github.com/envoyproxy/go-control-plane/envoy/type/v3"
)

// faultFilter is the filter that delays and aborts requests as a route says.
const faultFilter = "envoy.filters.http.fault"

// injected reads the fault of a route: what all requests are answered with, or ""; how long they are held back; and whether
// only some are answered, so that nobody can tell.
func injected(route *envoyroute.Route) (answer, delay string, perhaps bool, err error) {
	config := route.TypedPerFilterConfig[faultFilter]
	if config == nil {
		return "", "", false, nil
	}
	fault, err := unpack(config, &faulthttp.HTTPFault{})
	if err != nil {
		return "", "", false, err
	}
	if d := fault.Delay; percent(d.GetPercentage()) > 0 {
		delay = d.GetFixedDelay().AsDuration().String()
		if of := percent(d.GetPercentage()); of < 100 {
			delay += " for " + strconv.FormatFloat(of, 'f', -1, 64) + " %"
		}
	}
	switch of := percent(fault.Abort.GetPercentage()); {
	case of >= 100 && fault.Abort.GetGrpcStatus() != 0:
		answer = fmt.Sprintf("gRPC status %d", fault.Abort.GetGrpcStatus())
	case of >= 100:
		answer = fmt.Sprint(fault.Abort.GetHttpStatus())
	case of > 0:
		perhaps = true
	}
	return answer, delay, perhaps, nil
}

// percent is a fraction of a hundred.
func percent(f *envoytype.FractionalPercent) float64 {
	of := map[envoytype.FractionalPercent_DenominatorType]float64{
		envoytype.FractionalPercent_HUNDRED: 1, envoytype.FractionalPercent_TEN_THOUSAND: 100, envoytype.FractionalPercent_MILLION: 10000,
	}
	return float64(f.GetNumerator()) / of[f.GetDenominator()]
}
