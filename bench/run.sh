#!/usr/bin/env bash
# All benchmarks in one run, one table. --strict exits 1 when a budget is
# exceeded. Needs valgrind; other load on the machine does not move the
# instruction counts, but it does move the times.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
select_php
need_extension
mkdir -p "$BUILD/bench"

# A log of a million loop records, written by the code that writes real ones.
loops=${BENCH_LOOPS:-1000000}
log="$BUILD/bench/leak-$loops.log"
rm -f "$log"*
(cd "$ROOT" && cargo run --release --locked --quiet -p tracker-core --example gen_log -- "$log" "$loops") ||
    echo "warning: no generated log, the analysis is not measured" >&2

exec "$PHP" -n "$ROOT/bench/run.php" "$PHP" "$EXT" "$log" "$BUILD/bench" "$@"
