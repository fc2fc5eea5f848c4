#!/usr/bin/env bash
# A Symfony kernel in a worker loop, with and without a planted leak: exactly
# the planted line is reported, and the application answers the same.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_packages php-symfony-http-kernel php-symfony-framework-bundle

export REQUESTS=200
drive() { # leak (0 or 1) hook (0 or 1) log
    export LEAK=$1 APP_DIR="$WORK/app-$1"
    mkdir -p "$APP_DIR"
    "$PHP" -d "extension=$EXT" -d "apm.enable_malloc_hook=$2" -d "apm.leak_log=$3" -d error_log=/dev/null \
        "$HERE/symfony/worker.php" 2>&1
}
answers='{"200":160,"404":20,"500":20}'
planted=$(grep -n '// LEAK' "$HERE/symfony/app.php" | cut -d: -f1)

# Before: the container is compiled, so that both runs below start alike.
drive 0 0 "$WORK/none.log" >/dev/null
drive 1 0 "$WORK/none.log" >/dev/null

check 'the application answers without the hook' equal "$answers" "$(drive 1 0 "$WORK/none.log")"
check 'the application answers the same with the hook' equal "$answers" "$(drive 0 1 "$WORK/clean.log")"
check 'and with the leak' equal "$answers" "$(drive 1 1 "$WORK/leak.log")"
check 'no line grows without the leak' equal '' "$(growing "$WORK/clean.log")"
check 'exactly the planted line grows' equal "app.php:$planted" "$(growing "$WORK/leak.log")"

"${PHP_RUN[@]}" -d apm.leak_log="$WORK/leak.log" -r 'trackerAnalyzeLeak();' >"$WORK/report.txt"
check 'the report names who holds it' grep -q -- 'VisitLog.*->history\|->history' "$WORK/report.txt"
done_testing
