#!/usr/bin/env bash
# shellcheck disable=SC2016,SC1091 # $ in PHP's names; the library is found at run time
# The demo, as a new user runs it: the original's report, the verdicts, who
# holds the memory, and the page.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

(cd "$ROOT" && REQUESTS=60 timeout 120 demo/run.sh server.php) >"$WORK/out" 2>"$WORK/err" || FAILED=1
check 'the demo runs' equal 0 "$FAILED"
check "the original's report, one block per request but the first" \
    equal 59 "$(grep -cE 'This Loop TotalLeak|No Leak Were Detected' "$WORK/out")"
# What the listeners of demo/app/Router.php hold: closures of the shop, each with
# its request. Nothing of the cache, of the pages or of the server.
check 'what grows is the listeners, their closures and requests' equal $'Request.php\nRouter.php\nshop.php' \
    "$(growing "$BUILD/demo/leak-report.trackerleak" | cut -d: -f1 | sort -u)"
check 'the report says who holds it' grep -qF 'held by Demo\Router::$listeners' "$WORK/out"
check 'the cache is called one' grep -q 'filled, then flat' "$WORK/out"
check 'the garbage cycles are told' grep -q 'garbage cycles collected' "$WORK/out"
check 'its last lines are the answer: the line, the holder, the page' equal 3 \
    "$(tail -n 3 "$WORK/out" | grep -cE 'leaks: +demo/app/.*\.php:[0-9]+, \+[0-9]+ B|held by: +Demo.Router::\$listeners|as a page: .*leak-report\.html$')"
check 'the page is written' grep -q '</html>' "$BUILD/demo/leak-report.html"

# A server that is slow to start, one that never listens, and Ctrl-C.
stand_in() { # what it does for server.php
    printf '#!/usr/bin/env bash\ncase "$*" in *demo/server.php*) echo $$ >"%s/server"; %s ;; esac\nexec "%s" "$@"\n' \
        "$WORK" "$1" "$PHP" >"$WORK/php"
    chmod +x "$WORK/php"
}
stand_in 'sleep 2'
(cd "$ROOT" && PHP="$WORK/php" REQUESTS=3 timeout 60 demo/run.sh server.php) >"$WORK/out" 2>&1 && status=0 || status=$?
check 'a slow start is waited for' equal 0 "$status"
stand_in 'exit 3'
(cd "$ROOT" && PHP="$WORK/php" timeout 60 demo/run.sh server.php) >"$WORK/out" 2>&1 && status=0 || status=$?
check 'a server that ends at once is said so' equal "1 error: the server ended before it listened" "$status $(tail -n1 "$WORK/out")"
stand_in 'exec sleep 60'
(cd "$ROOT" && PHP="$WORK/php" timeout --signal=INT 2 demo/run.sh server.php) >/dev/null 2>&1 || true
check 'Ctrl-C ends the server too' bash -c '! kill -0 "$(cat "$0/server")" 2>/dev/null' "$WORK"
if ! "$PHP" -r 'exit(extension_loaded("swoole") ? 0 : 1);'; then
    (cd "$ROOT" && timeout 60 demo/run.sh swoole_server.php) >"$WORK/out" 2>&1 || true
    check 'without Swoole, the Swoole demo says what it needs' grep -q 'needs Swoole, and .*PHP_ARGS=' "$WORK/out"
fi
done_testing
