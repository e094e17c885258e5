#!/usr/bin/env bash
# Measures sovmeter parse against Debian's mtail, which runs an equivalent
# program (scripts/mtail) over the same large log, made by repeating recordings:
#
#	scripts/mtail.sh [runs [megabytes]]
#
# Both must count the same tokens. The figures are medians over the runs (5),
# each of which reads a log of each kind (200 MB) with both. Needs apt-get, Go.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

runs=${1:-5}
megabytes=${2:-200}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

die() {
	echo "mtail.sh: $*" >&2
	exit 1
}

# Only the program is wanted: unpacking the package starts no service.
if ! command -v mtail >/dev/null; then
	mkdir "$work/deb"
	[ "$(id -u)" -ne 0 ] || chown _apt "$work" "$work/deb" # apt fetches as that user
	(cd "$work/deb" && apt-get download -qq mtail) || die "mtail cannot be fetched (run apt-get update first)"
	dpkg-deb -x "$work"/deb/mtail_*.deb "$work/mtail"
	export PATH="$work/mtail/usr/bin:$PATH"
fi
go build -o "$work/sovmeter" ./cmd/sovmeter

# repeat FILE... writes the files again and again, up to the size wanted.
repeat() {
	cat "$@" >"$work/once"
	local times=$((megabytes * 1000000 / $(stat -c %s "$work/once") + 1))
	for ((i = 0; i < times; i++)); do cat "$work/once"; done
}

median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# timed NAME COMMAND... runs the command and notes how long it took: wall clock
# and CPU seconds.
timed() {
	local name=$1 TIMEFORMAT='%R %U %S'
	shift
	{ time "$@" >"$work/out.$name" 2>"$work/err.$name"; } 2>"$work/time" || {
		tail -n 5 "$work/err.$name" >&2
		die "$name failed"
	}
	awk -v d="$work/$name" '{ print $1 >> (d ".wall"); print $2 + $3 >> (d ".cpu") }' "$work/time"
}

# counter NAME prints a counter of mtail's last run.
counter() { sed -n "s/^$1{[^}]*} //p" "$work/out.mtail" | awk '{ printf "%d\n", $1 }'; }

# sum FIELD adds up a field of sovmeter's last run, over the requests that ended
# as they should: of the others the server prints no timing, so mtail has none.
sum() { grep '"outcome":"ok"' "$work/out.sovmeter" | grep -o "\"$1\":[0-9]*" | awk -F: '{ n += $2 } END { printf "%d\n", n }'; }

compare() {
	local kind=$1 format=$2 lines bytes
	shift 2
	repeat "$@" >"$work/server.log"
	lines=$(wc -l <"$work/server.log")
	bytes=$(stat -c %s "$work/server.log")
	rm -f "$work"/*.wall "$work"/*.cpu
	for ((run = 0; run < runs; run++)); do
		timed mtail mtail -one_shot -one_shot_format prometheus -progs scripts/mtail -logs "$work/server.log" -log_dir "$work"
		timed sovmeter "$work/sovmeter" parse --format "$format" --started 2026-11-24T06:00:00Z --log "$work/server.log"
	done
	local theirs ours
	theirs=$(counter output_tokens)
	ours=$(sum gen_ai.usage.output_tokens)
	[ "$theirs" = "$ours" ] || die "$kind: mtail counts ${theirs:-no} output tokens, sovmeter $ours"
	echo "$kind: $lines lines, $bytes bytes, $ours output tokens of finished requests by both"
	for name in mtail sovmeter; do
		awk -v name="$name" -v lines="$lines" -v bytes="$bytes" -v wall="$(median <"$work/$name.wall")" -v cpu="$(median <"$work/$name.cpu")" \
			'BEGIN { printf "  %-9s %9.0f lines/s %7.1f MB/s   %6.2f s, %6.2f s of CPU\n", name, lines / wall, bytes / wall / 1e6, wall, cpu }'
	done
	awk -v a="$(median <"$work/mtail.wall")" -v b="$(median <"$work/sovmeter.wall")" \
		-v c="$(median <"$work/mtail.cpu")" -v d="$(median <"$work/sovmeter.cpu")" \
		'BEGIN { printf "  sovmeter is %.1f times as fast, for %.1f times less CPU\n", a / b, c / d }'
}

llama=collector/requestlog/llamacpp/testdata
ollama=collector/requestlog/ollama/testdata
mtail --version 2>&1 # which ends without a line feed
echo
compare "llama-server, default" llamacpp "$llama/llama-parallel4.log" "$llama/slow-overlap.log"
compare "llama-server, verbose" llamacpp "$llama/llama-verbose.log"
compare "Ollama, default" ollama "$ollama/ollama-default.log"
compare "Ollama, debug" ollama "$ollama/ollama-debug.log"
