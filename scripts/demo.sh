#!/usr/bin/env bash
# The demo end to end, as a user would run it: the report, then a real scrape
# of a running one, checked by promtool and by adding up what it says.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
pid=
cleanup() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT

die() {
	echo "demo.sh: $*" >&2
	exit 1
}

# die_with shows the end of a file as well: what the program said.
die_with() {
	tail -n 20 "$1" >&2
	shift
	die "$@"
}

command -v promtool >/dev/null || die "promtool is missing (Debian: apt-get install prometheus)"
command -v curl >/dev/null || die "curl is missing"

report() {
	go run ./cmd/sovmeter demo >"$work/report" 2>"$work/report.err" ||
		die_with "$work/report.err" "sovmeter demo ended with exit code $?"
	cat "$work/report"
	local apart
	apart=$(sed -n 's/.*rows sum to .* J measured (<*\([0-9.e+-]*\) apart).*/\1/p' "$work/report")
	[ -n "$apart" ] || die "the demo does not say what its rows sum to"
	awk -v d="$apart" 'BEGIN { exit !(d <= 1e-9) }' || die "the report's rows miss the measured total by $apart of it"
}

# free_port prints a port of 127.0.0.1 that nothing listens on now.
free_port() {
	local port
	while port=$((20000 + RANDOM % 20000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
	echo "$port"
}

# serve starts the demo in the background and waits until it answers.
serve() {
	go build -o "$work/sovmeter" ./cmd/sovmeter
	address=127.0.0.1:$(free_port)
	"$work/sovmeter" demo --serve --listen "$address" >"$work/serve" 2>"$work/serve.err" &
	pid=$!
	local deadline=$((SECONDS + 60))
	until curl -fsS "http://$address/healthz" >/dev/null 2>&1; do
		kill -0 "$pid" 2>/dev/null || die_with "$work/serve.err" "sovmeter demo --serve ended before it answered"
		[ $SECONDS -lt $deadline ] || die_with "$work/serve.err" "no answer from http://$address/healthz in 60 s"
		sleep 0.2
	done
}

# sum adds up every series of one metric.
sum() { awk -v name="$1" '{ n = $1; sub(/\{.*/, "", n) } n == name { s += $NF; k++ } END { if (!k) exit 1; printf "%.17g\n", s }' "$work/metrics"; }

scrape() {
	curl -fsS "http://$address/metrics" >"$work/metrics"
	promtool check metrics <"$work/metrics" >"$work/lint" 2>&1 || die_with "$work/lint" "promtool refuses the metrics"
	[ ! -s "$work/lint" ] || die_with "$work/lint" "promtool complains about the metrics"
	local booked measured
	booked=$(sum sovmeter_joules_total) || die "no sovmeter_joules_total in the scrape"
	measured=$(sum sovmeter_rail_joules_total) || die "no sovmeter_rail_joules_total in the scrape"
	awk -v a="$booked" -v b="$measured" 'BEGIN { d = a - b; if (d < 0) d = -d; exit !(b > 0 && d <= 1e-9 * b) }' ||
		die "booked $booked J of $measured J measured: not the same energy"
	sum sovmeter_marginal_cost_per_token >/dev/null || die "no sovmeter_marginal_cost_per_token in the scrape"
	echo "scrape of $address: $booked J booked, $measured J measured"
}

stop() {
	kill -TERM "$pid"
	wait "$pid" || die_with "$work/serve.err" "sovmeter demo --serve ended with exit code $? when told to stop"
	pid=
}

report
serve
scrape
stop
