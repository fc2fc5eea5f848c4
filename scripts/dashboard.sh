#!/usr/bin/env bash
# Builds the dashboard, which the agent embeds, or tests it. Where Node or npm is
# missing it says so: the agent is then built without.
#
#   dashboard.sh build|test
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT/dashboard"
task=${1:-}

without() {
    say "no dashboard: $*"
    [[ $task != test ]] || report 0 0 1 dashboard
    [[ -z ${REMARKS:-} ]] || echo "no dashboard: $*" >>"$REMARKS"
    exit 0
}

wanted=18
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    without "Node $wanted or newer and npm are missing"
fi
have=$(node -p 'process.versions.node.split(".")[0]')
((have >= wanted)) || without "Node $wanted or newer is needed, this is $have"

# What was installed by this lock file stays.
if ! cmp -s package-lock.json node_modules/.installed; then
    mkdir -p "$BUILD"
    log="$BUILD/dashboard-npm.log"
    timeout 300 npm ci --ignore-scripts --no-audit --no-fund >"$log" 2>&1 ||
        without "npm cannot install what it needs: $(tail -n1 "$log") (all of it: $log)"
    cp package-lock.json node_modules/.installed
fi

case $task in
    build)
        built=dist/web/index.html
        if [[ -f $built && -z $(find src public scripts index.html ./*.json ./*.ts -newer "$built" -print -quit) ]]; then
            exit 0
        fi
        npm run --silent build
        ;;
    test)
        status=0
        npm run --silent check || status=1
        results=$(mktemp)
        trap 'rm -f "$results"' EXIT
        timeout 300 npm test --silent -- --reporter=default --reporter=json --outputFile.json="$results" || status=1
        # shellcheck disable=SC2016 # JavaScript's
        read -r passed failed < <(node -p 'const r = JSON.parse(fs.readFileSync(process.argv[1])); `${r.numPassedTests} ${r.numFailedTests}`' "$results")
        report "$((passed + 1 - status))" "$((failed + status))" 0 dashboard
        exit "$status"
        ;;
    *) die "dashboard.sh build|test" ;;
esac
