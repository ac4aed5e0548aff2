#!/bin/sh
# Runs a server as long as the test process lives: with_parent.sh DIRECTORY COMMAND…
# Its standard input is a pipe from the tests. It closes when they end, however they end; then the server is
# stopped and its directory removed.
directory=$1
shift
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
cat <&3 >/dev/null
kill -9 "$server" 2>/dev/null
wait "$server" 2>/dev/null
rm -rf "$directory"
