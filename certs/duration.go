package certs

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

var (
	spans = map[string]time.Duration{"y": 365 * day, "w": 7 * day, "d": day, "h": time.Hour, "m": time.Minute}
	span  = regexp.MustCompile(`^(\d{1,6})(y|w|d|h|m)`)
)

// ParseDuration reads a time span as people write it: 90d, 36h, 10y, 1d12h. A year is 365 days, a day 24 hours, and m is
// minutes.
func ParseDuration(text string) (time.Duration, error) {
	var sum time.Duration
	rest := text
	for rest != "" {
		m := span.FindStringSubmatch(rest)
		if m == nil {
			return 0, fmt.Errorf("%q is no time span: write it in years, weeks, days, hours or minutes, such as 90d, 36h or 10y", text)
		}
		n, _ := strconv.Atoi(m[1])
		sum += time.Duration(n) * spans[m[2]]
		rest = rest[len(m[0]):]
		if n > 0 && sum/time.Duration(n) < time.Minute || sum > 100*365*day || sum < 0 {
			return 0, fmt.Errorf("%s is more than a hundred years", text)
		}
	}
	if sum == 0 {
		return 0, fmt.Errorf("%q is no time at all", text)
	}
	return sum, nil
}

// Duration writes a time span in the largest units that fit, at most two of them: 90d, 1d12h. What is less than a minute is
// 0m.
func Duration(d time.Duration) string {
	if d < 0 {
		return "-" + Duration(-d)
	}
	var parts []string
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"d", day}, {"h", time.Hour}, {"m", time.Minute}} {
		if n := d / unit.size; n > 0 && len(parts) < 2 {
			parts = append(parts, fmt.Sprintf("%d%s", n, unit.name))
			d -= n * unit.size
		} else if len(parts) > 0 {
			break
		}
	}
	if len(parts) == 0 {
		return "0m"
	}
	return strings.Join(parts, "")
}
