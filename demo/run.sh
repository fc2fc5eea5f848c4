#!/usr/bin/env bash
# The demo: starts a small server that leaks, sends it requests over loopback,
# and prints what the tracker says.
#
#   demo/run.sh            plain PHP, and then Swoole where it is loaded
#   demo/run.sh server.php just that one
#
# REQUESTS says how many requests are sent (60).
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
select_php
need_extension

DEMO="$ROOT/demo"
OUT="$BUILD/demo"
REQUESTS=${REQUESTS:-60}
php=("$PHP" -d "extension=$EXT" -d apm.enable_malloc_hook=1)
mkdir -p "$OUT"

server_pid=
trap '[[ -z $server_pid ]] || kill "$server_pid" 2>/dev/null || true' EXIT

run() { # server name
    local server=$1 name=$2 log="$OUT/$2.trackerleak" address=
    say "$server: $REQUESTS requests"
    rm -f "$log"*
    "${php[@]}" -d "apm.leak_log=$log" "$DEMO/$server" "$REQUESTS" >"$OUT/address" &
    server_pid=$!
    for _ in {1..100}; do
        address=$(head -n1 "$OUT/address")
        [[ -n $address ]] && break
        sleep 0.05
    done
    [[ -n $address ]] || die "the server did not start"
    "$PHP" "$DEMO/visitors.php" "$address" "$REQUESTS"
    wait "$server_pid" || die "the server failed"
    server_pid=
    rm -f "$OUT/address"

    say "the report: first the original's, one block per request, then the verdicts"
    "${php[@]}" -d "apm.leak_log=$log" -r 'trackerAnalyzeLeak();'
    "${php[@]}" -d "apm.leak_log=$log" -r 'echo trackerLeakReport("html");' >"$OUT/$name.html"
    say "the same as a page, with growth charts and a flame graph: ${OUT#"$PWD"/}/$name.html"
}

if (($#)); then
    run "$1" leak-report
else
    run server.php leak-report
    if "$PHP" -r 'exit(extension_loaded("swoole") ? 0 : 1);'; then
        run swoole_server.php swoole-leak-report
    fi
fi
