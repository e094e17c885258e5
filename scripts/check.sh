#!/usr/bin/env bash
# All gates a commit must pass, or those named:
#
#	scripts/check.sh [fmt|vet|imports|lint|demo|test|real]...
#
# Needs Go with a C compiler (for -race), curl, and promtool (Debian: prometheus).
# real is run when it is named only: it fetches a llama-server, and needs Debian.
# golangci-lint is built by Go itself, once, at the version pinned here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

golangci=github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
# The machines that users have; the tests run on others too.
mac=(env CGO_ENABLED=0 GOOS=darwin GOARCH=arm64)

gate_fmt() {
	local files
	files=$(gofmt -l .)
	if [ -n "$files" ]; then
		printf 'run gofmt -w on:\n%s\n' "$files" >&2
		return 1
	fi
}

gate_vet() {
	go vet ./...
	"${mac[@]}" go build ./...
	"${mac[@]}" go vet ./...
}

gate_imports() { go test -count=1 -run '^TestImport' ./cmd/sovmeter; }

# Twice, as each system's linter sees only the files that its compiler sees.
gate_lint() {
	go run "$golangci" run -c scripts/golangci.yml ./...
	go run -exec "${mac[*]}" "$golangci" run -c scripts/golangci.yml ./...
}

gate_demo() { scripts/demo.sh; }

# Fuzz seeds are tests too, so they run here. Under the race detector simulated
# days take minutes: packages without goroutines are left out of that, and long
# simulations in others, but not the daemon.
gate_test() {
	go test ./...
	go list ./... | grep -vE '/collector/(attribution|align|sim|energy)$' | xargs go test -race -short
	go test -race -run '^TestDaemon' ./cmd/sovmeter
}

# live runs tests that need the server which runs around it. One that is
# skipped, or has another name now, is a fault and not a pass.
live() {
	local out rc=0
	out=$(mktemp)
	scripts/llama-server.sh "${server[@]}" -- go test -count=1 -v "$@" >"$out" || rc=$?
	grep -vE '^=== ' "$out" || true
	if [ "$rc" -eq 0 ] && { grep -q -- '--- SKIP' "$out" || ! grep -q -- '^--- PASS' "$out"; }; then
		echo "check.sh: not every test against the real server ran: $*" >&2
		rc=1
	fi
	rm -f "$out"
	return "$rc"
}

# Against a real llama-server: the log's parser at both verbosities that its
# manual tells apart, and the proxy. Small batches take long to read a prompt,
# so that clients can leave in the middle of it.
gate_real() {
	local server=(--metrics -np 4 -c 32768 -b 256 -ub 256)
	live -run '^TestLive$' ./collector/requestlog/llamacpp
	server+=(-lv 4)
	live -run '^TestLive$' ./collector/requestlog/llamacpp
	server=(--metrics -np 4 -c 16384)
	live -run '^TestLlamaServer' ./collector/proxy
}

gates=("$@")
[ ${#gates[@]} -gt 0 ] || gates=(fmt vet imports lint demo test)
for gate in "${gates[@]}"; do
	if ! declare -F "gate_$gate" >/dev/null; then
		echo "check.sh: no gate $gate; there are fmt, vet, imports, lint, demo, test and real" >&2
		exit 2
	fi
done
for gate in "${gates[@]}"; do
	printf '== %s\n' "$gate"
	start=$SECONDS
	"gate_$gate"
	printf '== %s passed in %d s\n' "$gate" $((SECONDS - start))
done
