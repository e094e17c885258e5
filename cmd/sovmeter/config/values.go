package config

import (
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// labelShape keeps names usable as metric labels, file names and table cells.
var labelShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)

func (r *reader) label(n ast.Node, key string) string {
	const want = "a name of up to 40 letters, digits, dots, dashes and underscores"
	v, ok := r.text(n, key, want)
	if ok && !labelShape.MatchString(v) {
		r.problem(n, key, "got %q, want %s", v, want)
	}
	return v
}

// absolute reads an absolute path into to.
func (r *reader) absolute(to *string) func(ast.Node, string) {
	return func(n ast.Node, key string) {
		const want = "an absolute path"
		v, ok := r.text(n, key, want)
		if !ok {
			return
		}
		if !filepath.IsAbs(v) {
			r.problem(n, key, "got %q, want %s: the daemon has no working directory of its own", v, want)
			return
		}
		*to = v
	}
}

// duration reads a length of time such as 5s or 90d into to.
func (r *reader) duration(to *time.Duration, least, most time.Duration) func(ast.Node, string) {
	return func(n ast.Node, key string) {
		want := "a time from " + days(least) + " to " + days(most) + ", such as " + days(*to)
		v, ok := r.text(n, key, want)
		if !ok {
			return
		}
		d, err := parseDuration(v)
		if err != nil || d < least || d > most {
			r.problem(n, key, "got %q, want %s", v, want)
			return
		}
		*to = d
	}
}

func parseDuration(v string) (time.Duration, error) {
	if n, ok := strings.CutSuffix(v, "d"); ok {
		d, err := strconv.ParseUint(n, 10, 16)
		return time.Duration(d) * 24 * time.Hour, err
	}
	return time.ParseDuration(v)
}

// days writes d the way parseDuration reads it.
func days(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	text := d.String()
	text = strings.TrimSuffix(text, "m0s")
	if strings.HasSuffix(text, "h0") {
		return strings.TrimSuffix(text, "0")
	}
	if text != d.String() {
		return text + "m"
	}
	return text
}

func (r *reader) port(n ast.Node, key string) int {
	const want = "a TCP port from 1 to 65535"
	v, ok := r.number(n, key, want)
	if ok && (v != math.Trunc(v) || v < 1 || v > 65535) {
		r.problem(n, key, "got %s, want %s", describe(n), want)
		return 0
	}
	return int(v)
}

func (r *reader) oneOf(n ast.Node, key string, allowed []string) string {
	want := "one of " + strings.Join(allowed, ", ")
	v, ok := r.text(n, key, want)
	if ok && !slices.Contains(allowed, v) {
		r.problem(n, key, "got %q, want %s", v, want)
	}
	return v
}

func (r *reader) texts(n ast.Node, key, want string) []string {
	var list []string
	r.sequence(n, key, want, func(n ast.Node, key string) {
		v, ok := r.text(n, key, "a name")
		switch {
		case !ok:
			return
		case v == "":
			r.problem(n, key, "got \"\", want a name")
		case slices.Contains(list, v):
			r.problem(n, key, "got %q a second time, want each name once", v)
		default:
			list = append(list, v)
		}
	})
	return list
}
