#!/usr/bin/env bash
# The whole test: every part runs even if an earlier one failed, and the last
# line adds them up. What cannot be built cannot be tested: then it stops.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
mkdir -p "$BUILD"
SUMMARY="$BUILD/summary"
# What the reader of the summary must know besides, one sentence a line.
REMARKS="$BUILD/remarks"
export SUMMARY REMARKS
: >"$SUMMARY"
: >"$REMARKS"

# A part adds its own counts to $SUMMARY by `report`, or closes with a line
# 'N passed, N failed, N skipped'; one that does neither counts as one test.
part() { # name command...
    local name=$1 log before status=0 line started=$SECONDS
    shift
    log="$BUILD/test-${name// /-}.log"
    before=$(wc -l <"$SUMMARY")
    say "$name"
    "$@" 2>&1 | tee "$log" || status=1
    if [[ $(wc -l <"$SUMMARY") == "$before" ]]; then
        line=$(grep -oE '[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?' "$log" | tail -n1 || true)
        if [[ -n $line ]]; then
            # shellcheck disable=SC2046 # three numbers
            set -- $(grep -oE '[0-9]+' <<<"$line")
            echo "$1 $2 ${3:-0} $name" >>"$SUMMARY"
        else
            echo "$((1 - status)) $status 0 $name" >>"$SUMMARY"
        fi
    fi
    # A part that fails without a failed test has broken down: count that too.
    if ((status)) && [[ $(tail -n +$((before + 1)) "$SUMMARY" | awk '{ f += $2 } END { print f }') == 0 ]]; then
        echo "0 1 0 $name broke down" >>"$SUMMARY"
    fi
    echo "    ($((SECONDS - started)) s)"
    return $status
}

finish() {
    say summary
    awk '{ n = $4; for (i = 5; i <= NF; i++) n = n " " $i; printf "%-40s %6d passed %4d failed %5d skipped\n", n, $1, $2, $3 }' "$SUMMARY"
    sed 's/^/note: /' "$REMARKS"
    awk '{ p += $1; f += $2; s += $3 } END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 }' "$SUMMARY"
}

cargo_test() {
    local log="$BUILD/cargo-test.log" status=0
    cargo test --locked --workspace --no-fail-fast >"$log" 2>&1 || status=$?
    grep -vE '^(test .* \.\.\. ok|running [0-9]+ tests?|)$' "$log" || true
    awk '/^test result:/ { gsub(/[^0-9 ]/, ""); p += $1; f += $2; s += $3; n++ }
        END { if (n) printf "%d passed, %d failed, %d skipped\n", p, f, s }' "$log"
    return "$status"
}

part "check" scripts/check.sh || true
part "cargo test" cargo_test || true
part "dashboard" scripts/dashboard.sh test || true
part "build" scripts/build.sh || { finish || true; exit 1; }
# The receiver that the tests of tracing start.
export RECEIVER="${CARGO_TARGET_DIR:-$ROOT/target}/debug/examples/receive"
# And what fills an agent for the test of the dashboard.
export SEED="${CARGO_TARGET_DIR:-$ROOT/target}/debug/examples/seed"
part "receiver" cargo build --quiet --locked -p tracker-agent --example receive --example seed || true
part "phpt" php-tests/run-phpt.sh || true
if [[ -x php-tests/scenario/run.sh ]]; then
    part "scenarios" php-tests/scenario/run.sh || true
fi
part "PHP's own suites, subset" php-tests/php-suite/run.sh --subset || true
finish
