#!/usr/bin/env bash
# Runs every fuzz target of the module, one after the other, for a nightly run:
#
#	scripts/fuzz.sh [time [packages]]
#
# each for the given time (60s), in all packages or those given. It stops at the
# first target that fails; go test says which file under testdata/fuzz holds the
# input. Commit that file with the fix: it is then a test of every run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

time=${1:-60s}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- ./...

# go test names the targets of a package before the package. The whole list is
# made before anything runs, so that a package that does not build is an error.
list=$(go test -list '^Fuzz' "$@") || {
	printf '%s\n' "$list" >&2
	echo "fuzz.sh: the targets cannot be listed" >&2
	exit 1
}
targets=$(awk '/^Fuzz/ { names[++n] = $1; next }
	$1 == "ok" { for (i = 1; i <= n; i++) print $2, names[i]; n = 0 }' <<<"$list")
if [ -z "$targets" ]; then
	echo "fuzz.sh: no fuzz target in $*" >&2
	exit 1
fi

count=$(wc -l <<<"$targets")
begun=$SECONDS
done=0
# Making inputs that reach new code smaller would take most of the time: where
# coverage differs from run to run, as with files and clocks, it never succeeds.
while read -r package target; do
	done=$((done + 1))
	printf '== %d of %d: %s in %s, %s\n' "$done" "$count" "$target" "$package" "$time"
	go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 1s "$package" </dev/null
done <<<"$targets"
printf '== %d targets passed in %d s\n' "$count" $((SECONDS - begun))
