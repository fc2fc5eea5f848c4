#!/usr/bin/env bash
# Runs the project's own phpt files under valgrind, on PHP's own heap and once
# more on plain malloc (USE_ZEND_ALLOC=0), where valgrind sees each block.
#
# What counts is valgrind's word: no error and no crash in any process, and no
# definitely lost block with a frame of the extension, but in a script with a line
# `// valgrind: why PHP itself loses blocks here`. Whether the tests pass
# is run-phpt.sh's business; time budgets do not hold here.
#
#   run-phpt-valgrind.sh [TEST.phpt or folder...]
#   HEAPS=malloc run-phpt-valgrind.sh ...    one of the two (zend, malloc)
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
# shellcheck source=php-tests/run-phpt-lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/run-phpt-lib.sh"
select_php_dev
need_extension
command -v valgrind >/dev/null || die "valgrind is missing"
find_tests "$@"

suppressions="$ROOT/php-tests/run-phpt-valgrind.supp"
run_tests_options=(--set-timeout 900)
time_limit=3600
failures=0
# A frame of ours names the library, or where it knows more, a file of Rust: nothing
# else in these processes is written in it.
ours=(libswoole_tracker swoole_tracker.so .rs:)

# Every interpreter that a test starts by TEST_PHP_EXECUTABLE is watched, its
# forks too; not the one in which run-tests.php tries out every extension of the
# machine. The modules stay loaded to the end: a frame needs its name.
write_wrapper() { # folder
    rm -rf "$1"
    mkdir -p "$1/logs"
    cat >"$1/php" <<WRAPPER
#!/bin/sh
case "\$*" in *run-test-info.php*) exec '$PHP' "\$@" ;; esac
export ZEND_DONT_UNLOAD_MODULES=1
echo "\$*" >'$1/logs/'\$\$.started
for argument; do
    [ ! -f "\$argument" ] || grep -hs '^// valgrind: ' "\$argument" >>'$1/logs/'\$\$.lost
done
exec valgrind --quiet --leak-check=full --show-leak-kinds=definite --num-callers=30 \\
    --suppressions='$suppressions' --log-file='$1/logs/%p.log' \\
    '$PHP' "\$@"
WRAPPER
    chmod +x "$1/php"
}

for heap in ${HEAPS:-zend malloc}; do
    wrapper="$BUILD/valgrind-$heap"
    write_wrapper "$wrapper"
    tested_php="$wrapper/php"
    environment=()
    if [[ $heap == malloc ]]; then
        environment=(USE_ZEND_ALLOC=0)
    fi
    # The summary counts valgrind's findings, not the tests' results. PCRE's JIT
    # is code that valgrind cannot follow.
    started=$SECONDS
    SUMMARY='' run_phpt "valgrind-$heap-phpt" -d "extension=$EXT" -d pcre.jit=0 || true
    echo "  valgrind, $heap heap: $((SECONDS - started)) s"
    "$PHP" -n "$ROOT/scripts/valgrind-report.php" "$wrapper/logs" "${ours[@]}" || failures=$((failures + 1))
done
report $((2 - failures)) "$failures" 0 "valgrind runs of ${#tests[@]} tests"
((failures == 0))
