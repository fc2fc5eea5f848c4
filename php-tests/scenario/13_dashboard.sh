#!/usr/bin/env bash
# shellcheck disable=SC2016,SC1091,SC2154 # $ in PHP code; the library is found at run time
# The dashboard in headless Chromium: an agent that was sent an hour of a small shop,
# every screen clicked through, the numbers held to what was sent; a token asked for. The
# screenshots are in build/dashboard/.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$HERE/agent.sh"
[[ -x ${SEED:=$(dirname "$EXT")/examples/seed} ]] || skip 'no seed: cargo build -p tracker-agent --example seed, or set SEED'
"$ROOT/scripts/setup.sh" browser >"$WORK/setup.log" 2>&1 || skip "cannot install Chromium, Node or npm"
CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip 'no Chromium'

TOOLS="$BUILD/html-report/tools"
mkdir -p "$TOOLS" "$BUILD/dashboard"
if ! cmp -s "$HERE/html/package-lock.json" "$TOOLS/installed.json"; then
    cp "$HERE"/html/{package.json,package-lock.json,.npmrc} "$TOOLS"
    (cd "$TOOLS" && timeout 120 npm ci --ignore-scripts --no-audit --no-fund) >"$WORK/npm.log" 2>&1 ||
        skip "npm cannot install playwright-core: $(tail -n1 "$WORK/npm.log")"
    cp "$HERE/html/package-lock.json" "$TOOLS/installed.json"
fi

get() { # path
    "$PHP" -n -r 'echo file_get_contents($argv[1]);' -- "http://$API$1"
}

start_agent
[[ $(get /) == *'/assets/'* ]] || skip 'the agent was built without its dashboard'
sent=$(timeout 60 "$SEED" "$SOCKET")
wanted=$("$PHP" -n -r 'echo json_decode($argv[1])->apps->shop->calls;' -- "$sent")
count='foreach (json_decode(file_get_contents("http://" . API . "/api/v1/apps"))->apps as $app) if ($app->app === "shop") echo $app->calls;'
check 'the agent counted what was sent' equal "$wanted" "$(eventually "$wanted" "$count")"

look() { # part of the test, further arguments
    timeout 300 node "$HERE/dashboard/$1.mjs" "$TOOLS" "$CHROMIUM" "http://$API" "$sent" "$BUILD/dashboard" "${@:2}" 2>"$WORK/look.err" || {
        FAILED=1
        sed 's/^/# /' "$WORK/look.err"
    }
}
look walk
look tour

# The same data behind a token.
kill_agent TERM
token=$("$AGENT" token "$WORK/tokens" test)
start_agent --token-file "$WORK/tokens"
look token "$token"
done_testing
