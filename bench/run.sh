#!/usr/bin/env bash
# The benchmarks in one run, one table. --strict exits 1 when a budget is exceeded.
#
#   bench/run.sh [--strict] [off|leak|spans|agent|servers ...]   (all)
#
# BENCH_SECONDS (5) is the length of one load, BENCH_PAIRS (7) the number of pairs of the
# servers, BENCH_SPANS (1000000) what is in the store, BENCH_LOOPS (1000000) in the log.
# Needs valgrind; other load on the machine does not move the instruction counts,
# but it does move times and rates.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
select_php
need_extension
mkdir -p "$BUILD/bench"

areas=()
for argument in "$@"; do
    [[ $argument == --strict ]] || areas+=("$argument")
done
wants() { ((${#areas[@]} == 0)) || [[ " ${areas[*]} " == *" $1 "* ]]; }

# A log of a million loop records, written by the code that writes real ones.
loops=${BENCH_LOOPS:-1000000}
log="$BUILD/bench/leak-$loops.log"
if wants leak; then
    rm -f "$log"*
    (cd "$ROOT" && cargo run --release --locked --quiet -p tracker-core --example gen_log -- "$log" "$loops") ||
        echo "warning: no generated log, the analysis is not measured" >&2
fi
if wants agent; then
    (cd "$ROOT" && cargo build --release --locked --quiet -p tracker-loadgen)
fi
# Unix sockets have short names: the work folder of a deep checkout is another.
work="$BUILD/bench"
is_temporary=
if ((${#work} > 80)); then
    work=$(mktemp -d)
    is_temporary=1
fi
# Whatever the servers need is started here, and stopped.
RUN=$(mktemp -d "$work/run.XXXXXX")
# shellcheck disable=SC2034 # used by what is sourced
SOCKETS=$RUN
# shellcheck source=demo/trace/services.sh
source "$ROOT/demo/trace/services.sh"
trap 'stop_all; [[ -z $is_temporary ]] || rm -rf "$work"' EXIT
if wants servers; then
    # What is served: the demo's shop, and a WordPress.
    if start_mariadb shop wordpress < <(shop_tables && echo 'CREATE DATABASE wordpress;'); then
        SHOP_USER=$(id -un)
        export SHOP_USER SHOP_MYSQL="$SOCKETS/mysql.sock"
        if [[ -d /usr/share/wordpress ]]; then
            # shellcheck source=php-tests/scenario/wordpress/site.sh
            source "$ROOT/php-tests/scenario/wordpress/site.sh"
            mkdir "$RUN/site"
            wordpress_site "$RUN/site"
            export SITE="$RUN/site" SITE_FORM=$WORDPRESS_FORM SITE_USER=$SHOP_USER SITE_MYSQL=$SHOP_MYSQL
        fi
    fi
fi

cd "$ROOT"
"$PHP" -n bench/run.php "$PHP" "$EXT" "$TARGET_DIR/release" "$log" "$work" "$@"
