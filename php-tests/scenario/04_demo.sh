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
check 'the page is written' grep -q '</html>' "$BUILD/demo/leak-report.html"
done_testing
