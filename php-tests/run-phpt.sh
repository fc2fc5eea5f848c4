#!/usr/bin/env bash
# Runs the project's own phpt files (php-tests/**/*.phpt) with PHP's
# run-tests.php: plainly, under opcache, under its tracing JIT (which the leak
# finder pauses), and with that JIT kept running. Those in php-tests/swoole run
# with Swoole loaded where it can be, else they skip.
#
#   run-phpt.sh [--plain|--opcache|--jit|--jit-kept] [TEST.phpt or folder...]
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
# shellcheck source=php-tests/run-phpt-lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/run-phpt-lib.sh"
select_php_dev
need_extension

variants=(plain opcache jit jit-kept)
case ${1:-} in
    --plain) variants=(plain) && shift ;;
    --opcache) variants=(opcache) && shift ;;
    --jit) variants=(jit) && shift ;;
    --jit-kept) variants=(jit-kept) && shift ;;
esac
find_tests "$@"
all_tests=("${tests[@]}")

# With leak_jit=1 some things are given up; the tests that ask for them are named
# in this file, with the reason.
exclude="$ROOT/php-tests/jit-kept-exclude.txt"
exclude_for_jit_kept() {
    mapfile -t tests < <(printf '%s\n' "${all_tests[@]}" |
        grep -vxFf <(sed -e '/^#/d' -e 's/ .*//' "$exclude") || true)
}

all_failed=0
for variant in "${variants[@]}"; do
    options=(-d "extension=$EXT")
    if [[ $variant != plain ]]; then
        options=(-d zend_extension=opcache "${options[@]}" -d opcache.enable=1 -d opcache.enable_cli=1
            # run-tests.php has just written the script: cache it all the same.
            -d opcache.file_update_protection=0)
    fi
    if [[ $variant == jit* ]]; then
        # Hot at once, so that short tests are compiled too.
        options+=(-d opcache.jit=tracing -d opcache.jit_buffer_size=64M)
        for counter in loop func return side_exit; do
            options+=(-d "opcache.jit_hot_$counter=1")
        done
    fi
    tests=("${all_tests[@]}")
    if [[ $variant == jit-kept ]]; then
        options+=(-d apm.leak_jit=1)
        exclude_for_jit_kept
        echo "jit-kept: ${#tests[@]} of ${#all_tests[@]} tests; the reasons for the others are in php-tests/jit-kept-exclude.txt"
        ((${#tests[@]})) || continue
    fi
    run_phpt "phpt-$variant" "${options[@]}"
    all_failed=$((all_failed + failed))
done
((all_failed == 0))
