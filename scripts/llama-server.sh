#!/usr/bin/env bash
# Runs a command against a real llama-server with a tiny model of random weights:
#
#	scripts/llama-server.sh [ARGUMENT]... -- COMMAND [ARG]...
#
# The arguments are llama-server's own, such as -lv 4. The command finds in its
# environment
#
#	SOVMETER_LLAMA_SERVER  the server's URL, on a free port of 127.0.0.1
#	SOVMETER_LLAMA_LOG     the log file that it writes
#
# Its exit code is the script's. The server ends with the command, and both end
# with this script however that ends.
#
# The server is Debian's, of the suite LLAMA_SUITE (forky). The first run fetches
# its package and those it depends on from the mirror that apt is set up with, or
# LLAMA_MIRROR, and unpacks them into the folder LLAMA_ROOT (a folder sovmeter in
# the user's cache), which later runs use again; nothing is installed. Remove the
# folder to fetch a newer server. Needs Debian (apt-get, dpkg-deb, setpriv), curl,
# Go, and root or user namespaces for the chroot.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

root=${LLAMA_ROOT:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/sovmeter/llama-server}
suite=${LLAMA_SUITE:-forky}

die() {
	echo "llama-server.sh: $*" >&2
	exit 1
}

args=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
	args+=("$1")
	shift
done
if [ $# -lt 2 ]; then
	sed -n '2,/^set/s/^# \{0,1\}//p' scripts/llama-server.sh >&2
	exit 2
fi
shift

for tool in apt-get dpkg-deb setpriv curl go; do
	command -v "$tool" >/dev/null || die "$tool is missing"
done

work=$(mktemp -d)
pid=
cleanup() {
	if [ -n "$pid" ]; then
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	fi
	rm -rf "$work"
}
trap cleanup EXIT

# mirror prints the URL of the Debian archive that this machine's apt uses.
mirror() {
	if [ -n "${LLAMA_MIRROR:-}" ]; then
		echo "$LLAMA_MIRROR"
		return
	fi
	local archive=(apt-get indextargets --format "\$(REPO_URI)" 'Created-By: Packages' 'Origin: Debian' 'Label: Debian') url
	url=$("${archive[@]}" | sed -n 1p)
	if [ -z "$url" ] && [ "$(id -u)" -eq 0 ]; then
		apt-get update -qq >&2
		url=$("${archive[@]}" | sed -n 1p)
	fi
	[ -n "$url" ] || die "apt knows no Debian archive: run apt-get update, or name a mirror in LLAMA_MIRROR"
	echo "$url"
}

# fetch puts the server and all it depends on into the folder. apt is told of
# nothing but the suite, and that this machine has no package yet.
fetch() {
	local url keys=/usr/share/keyrings/debian-archive-keyring
	url=$(mirror)
	if [ -e "$keys.gpg" ]; then keys=$keys.gpg; else keys=$keys.pgp; fi
	[ -e "$keys" ] || die "no keys of Debian's archive: apt-get install debian-archive-keyring"
	chmod 755 "$work" # apt fetches as a user of its own
	mkdir -p "$work"/apt/{lists,cache} "$work/unpacked"
	echo "deb [signed-by=$keys] $url $suite main" >"$work/apt/sources.list"
	: >"$work/apt/status"
	local apt=(apt-get -qq -o APT::Install-Recommends=false -o Acquire::Retries=3
		-o Dir::Etc::SourceList="$work/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
		-o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
		-o Dir::State="$work/apt" -o Dir::State::status="$work/apt/status" -o Dir::Cache="$work/apt/cache"
		-o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false)
	if ! "${apt[@]}" update || ! "${apt[@]}" install --yes --download-only llama.cpp-tools >/dev/null; then
		die "llama-server cannot be fetched: package llama.cpp-tools of Debian $suite, from $url"
	fi
	local package
	for package in "$work"/apt/cache/archives/*.deb; do
		dpkg-deb -x "$package" "$work/unpacked"
	done
	# What base-files would bring: the loader is looked for in the root folder.
	ln -s usr/lib "$work/unpacked/lib"
	ln -s usr/lib64 "$work/unpacked/lib64"
	mkdir -p "$work/unpacked"/{models,tmp} "${root%/*}"
	chmod 1777 "$work/unpacked/tmp"
	# The folder is there whole or not at all, also when another run was faster.
	mv "$work/unpacked" "$root.$$"
	mv -T "$root.$$" "$root" 2>/dev/null || rm -rf "$root.$$"
}

# enter runs a program of the folder, with an environment of its own: a variable
# can be an option of llama-server. It dies with this script.
enter() {
	local as=()
	[ "$(id -u)" -eq 0 ] || as=(unshare --map-root-user)
	exec "${as[@]}" setpriv --pdeathsig KILL env -i PATH="$PATH" chroot "$root" "$@"
}

model() {
	go run ./scripts/tinymodel -o "$root/models/tiny.$$"
	mv "$root/models/tiny.$$" "$root/models/tiny.gguf"
}

# serve starts the server and waits until it answers. One thread is as fast as
# many with a model of this size, and leaves a processor to the command.
serve() {
	log=$work/server.log
	: >"$log"
	enter /usr/bin/llama-server -m /models/tiny.gguf --host 127.0.0.1 --port 0 --threads 1 "${args[@]}" >>"$log" 2>&1 &
	pid=$!
	local deadline=$((SECONDS + 60))
	until url=$(sed -n 's/.*listening on \(http:[^ ]*\).*/\1/p' "$log" | tail -n 1) &&
		[ -n "$url" ] && curl -fsS "$url/health" >/dev/null 2>&1; do
		alive "ended before it answered"
		[ $SECONDS -lt $deadline ] || { tail -n 20 "$log" >&2; die "no answer from llama-server in 60 s"; }
		sleep 0.1
	done
}

# alive ends the script when the server has ended.
alive() {
	kill -0 "$pid" 2>/dev/null && return
	tail -n 20 "$log" >&2
	pid=
	die "llama-server $1"
}

[ -x "$root/usr/bin/llama-server" ] || fetch
[ -x "$root/usr/bin/llama-server" ] || die "no llama-server in $root: remove that folder"
model
serve
echo "llama-server.sh: $(enter /usr/bin/llama-server --version 2>&1 | sed -n 's/^version: //p') at $url, ready after $SECONDS s" >&2
SOVMETER_LLAMA_SERVER=$url SOVMETER_LLAMA_LOG=$log setpriv --pdeathsig TERM "$@"
alive "ended before the command did"
