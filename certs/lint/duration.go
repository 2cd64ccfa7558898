package lint

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// duration reads what Go calls a duration, the only form that cfssl takes, and reports what is none.
func (l *linter) duration(check string, x *value) (time.Duration, bool) {
	text, ok := x.string()
	if !ok || text == "" {
		return 0, false
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		fix := "Write hours, such as 2160h for 90 days"
		if h := hours(text); h != "" {
			fix = "Write " + strconv.Quote(h)
		}
		l.refuse(check, x, fmt.Sprintf("%s is no duration that cfssl reads: %q", x.field, text), fix)
		return 0, false
	}
	return d, true
}

// long is a duration in units that Go does not read, or in none.
var long = regexp.MustCompile(`^\s*(\d{1,6})\s*([a-zA-Z]*)\s*$`)

// hours writes a duration of days and more in hours; "" where it is none.
func hours(text string) string {
	m := long.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	n, _ := strconv.Atoi(m[1])
	unit := strings.ToLower(strings.TrimSuffix(m[2], "s"))
	factor := map[string]int{"": 1, "h": 1, "hour": 1, "hr": 1, "d": 24, "day": 24, "w": 168, "week": 168, "mo": 730, "month": 730, "y": 8760, "yr": 8760, "year": 8760}[unit]
	if factor == 0 {
		return ""
	}
	return fmt.Sprintf("%dh", n*factor)
}

// time is a moment, the zero time where none is written.
func (v *value) time(name string) time.Time {
	t, _ := time.Parse(time.RFC3339, v.str(name))
	return t
}
