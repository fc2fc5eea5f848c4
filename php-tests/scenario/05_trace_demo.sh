#!/usr/bin/env bash
# shellcheck disable=SC2016,SC1091 # $ in names of endpoints; the library is found at run time
# The demo of tracing with PHP's own server: every request is counted under the path that was
# asked for, one trace spans both services, nothing is left behind.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_packages "php$PHP_SERIES-curl"
[[ -x ${AGENT:-$TARGET_DIR/release/tracker-agent} ]] || skip 'no tracker-agent'

(cd "$ROOT" && REQUESTS=60 timeout 120 demo/trace.sh --php-server) >"$WORK/out" 2>"$WORK/err" || FAILED=1
check 'the demo runs' equal 0 "$FAILED"
check 'every request is counted' grep -q '^shop: 60 calls, 3 errors' "$WORK/out"
check 'calls of the second service, too' grep -q '^stock: 46 calls, 0 errors' "$WORK/out"
check 'endpoints are the routes of the framework' grep -qE '^ +46 .* GET /product/\{id\}$' "$WORK/out"
check 'one trace of both services' grep -qF '2 applications, 2 processes' "$WORK/out"
check 'the second service is under the call to it' grep -qE '^.{20} +└─ \[stock\] GET /stock/\{id\}' "$WORK/out"
check 'the failed request is shown' grep -qF '✗ [shop] GET /broken' "$WORK/out"
check 'its last lines say where the traces are' equal 2 \
    "$(tail -n 2 "$WORK/out" | grep -cE 'traces: +.*/demo/traces\.txt$|KEEP=1 demo/trace\.sh$')"
check 'and they are there' grep -qF '✗ [shop] GET /broken' "$BUILD/demo/traces.txt"
check 'at most 96 columns' equal 0 "$(grep -vE '^==>|^  traces: ' "$WORK/out" | LC_ALL=C.UTF-8 awk 'length > 96' | wc -l)"
done_testing
