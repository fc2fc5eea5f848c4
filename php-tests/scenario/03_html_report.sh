#!/usr/bin/env bash
# shellcheck disable=SC2016,SC1091 # $ in PHP code; the library is found at run time
# The HTML report of a real leak, opened in headless Chromium from a file. The
# screenshots are in build/html-report/.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
"$ROOT/scripts/setup.sh" browser >"$WORK/setup.log" 2>&1 || skip "cannot install Chromium, Node or npm"
CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip 'no Chromium'

TOOLS="$BUILD/html-report/tools"
mkdir -p "$TOOLS"
if ! cmp -s "$HERE/html/package-lock.json" "$TOOLS/installed.json"; then
    cp "$HERE"/html/{package.json,package-lock.json,.npmrc} "$TOOLS"
    (cd "$TOOLS" && timeout 120 npm ci --ignore-scripts --no-audit --no-fund) >"$WORK/npm.log" 2>&1 ||
        skip "npm cannot install playwright-core: $(tail -n1 "$WORK/npm.log")"
    cp "$HERE/html/package-lock.json" "$TOOLS/installed.json"
fi

# A process with the leak, and one without.
for leak in 1 0; do
    LEAK=$leak "${PHP_RUN[@]}" -d apm.enable_malloc_hook=1 -d "apm.leak_log=$WORK/leak.log" "$HERE/html/worker.php"
done
page="$BUILD/html-report/report.html"
"${PHP_RUN[@]}" -d "apm.leak_log=$WORK/leak.log" -r 'echo trackerLeakReport("html");' >"$page"
planted=$(grep -n '// LEAK' "$HERE/html/worker.php" | cut -d: -f1)

timeout 120 node "$HERE/html/look.mjs" "$TOOLS" "$CHROMIUM" "$page" "worker.php:$planted" Visits::note \
    "$BUILD/html-report" 2>"$WORK/look.err" || {
    FAILED=1
    sed 's/^/# /' "$WORK/look.err"
}
for shot in {1280,390}-{light,dark}.png; do
    check "a screenshot: build/html-report/$shot" test -s "$BUILD/html-report/$shot"
done
done_testing
