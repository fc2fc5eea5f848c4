#!/usr/bin/env bash
# Runs the project's own phpt files (php-tests/**/*.phpt) with PHP's
# run-tests.php: plainly, under opcache, and under its tracing JIT. Those in
# php-tests/swoole run with Swoole loaded where it can be, else they skip.
#
#   run-phpt.sh [--plain|--opcache|--jit] [TEST.phpt or folder...]
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
# shellcheck source=php-tests/run-phpt-lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/run-phpt-lib.sh"
select_php_dev
need_extension

variants=(plain opcache jit)
case ${1:-} in
    --plain) variants=(plain) && shift ;;
    --opcache) variants=(opcache) && shift ;;
    --jit) variants=(jit) && shift ;;
esac
find_tests "$@"

all_failed=0
for variant in "${variants[@]}"; do
    options=(-d "extension=$EXT")
    if [[ $variant != plain ]]; then
        options=(-d zend_extension=opcache "${options[@]}" -d opcache.enable=1 -d opcache.enable_cli=1
            # run-tests.php has just written the script: cache it all the same.
            -d opcache.file_update_protection=0)
    fi
    if [[ $variant == jit ]]; then
        # Hot at once, so that short tests are compiled too.
        options+=(-d opcache.jit=tracing -d opcache.jit_buffer_size=64M)
        for counter in loop func return side_exit; do
            options+=(-d "opcache.jit_hot_$counter=1")
        done
    fi
    run_phpt "phpt-$variant" "${options[@]}"
    all_failed=$((all_failed + failed))
done
((all_failed == 0))
