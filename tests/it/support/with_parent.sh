#!/bin/sh
# A MariaDB server that lives as long as the test process: with_parent.sh DIRECTORY INSTALL SERVER OPTION…
# Standard input is a pipe from the tests. It closes when they end, however they end; then the server is
# stopped and its directory removed.
directory=$1 install=$2 server=$3
shift 3
trap 'rm -rf "$directory"' EXIT
# A server that starts deletes what looks like its own in the folder for temporary files: each has one.
mkdir -p "$directory/tmp"
export TMPDIR="$directory/tmp"
"$install" --no-defaults --auth-root-authentication-method=normal --skip-test-db \
    --datadir="$directory/data" </dev/null >"$directory/install.log" 2>&1 || { cat "$directory/install.log" >&2; exit 1; }
"$server" --no-defaults --datadir="$directory/data" --pid-file="$directory/server.pid" \
    --socket="$directory/server.sock" "$@" </dev/null &
running=$!
cat >/dev/null
kill -9 "$running" 2>/dev/null
wait "$running" 2>/dev/null
