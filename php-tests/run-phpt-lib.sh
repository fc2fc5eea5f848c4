# shellcheck shell=bash
# What the phpt runners share. Expects scripts/lib.sh, select_php_dev and
# need_extension before it is used.

find_run_tests() {
    local file
    for file in "$("$PHP_CONFIG" --extension-dir)/build/run-tests.php" \
        "$("$PHP_CONFIG" --prefix)/lib/php/build/run-tests.php"; do
        if [[ -f $file ]]; then
            echo "$file"
            return
        fi
    done
    echo "$("$ROOT/scripts/php-source.sh")/run-tests.php"
}

# Sets `tests` (relative to the root) and `swoole` (options that load it).
find_tests() { # files or folders; none = all
    local what=("$@")
    ((${#what[@]})) || what=("$ROOT/php-tests")
    mapfile -t tests < <(find "${what[@]}" -name '*.phpt' -exec realpath --relative-to "$ROOT" {} + | sort -u)
    ((${#tests[@]})) || die "no phpt found in ${what[*]}"
    # run-tests.php writes the script of X.phpt to X.php: a helper of that name
    # would be overwritten, and a test that starts its helper would start itself.
    local test
    for test in "${tests[@]}"; do
        [[ ! -f $ROOT/${test%t} ]] || die "$test would overwrite ${test%t}: rename one of them"
    done

    # Swoole is built against some shared modules, which must be loaded first.
    # SWOOLE names a build that is not installed.
    local module modules
    modules=$("$PHP_CONFIG" --extension-dir)
    swoole=()
    for module in sockets curl mysqlnd pdo; do
        [[ ! -f $modules/$module.so ]] || swoole+=(-d "extension=$module")
    done
    swoole+=(-d "extension=${SWOOLE:-swoole}")
    "$PHP" -n "${swoole[@]}" -r 'exit((int) !extension_loaded("swoole"));' >/dev/null 2>&1 || swoole=()
}

# Runs `tests` once and reports the counts; sets `failed` and `work`. They run
# in a copy under build/, because run-tests.php writes beside each test; without
# ini files and in a clean environment, so that every machine gives the same
# answer. A test finds the extension that is under test in $EXT.
#
# `environment` holds further NAME=value pairs, `run_tests_options` options of
# run-tests.php itself, and `tested_php` the interpreter for the tests if that
# is not the one that runs run-tests.php.
environment=()
tested_php=
# `time_limit` ends the run with all that it started.
time_limit=900
run_tests_options=()
run_phpt() { # name php-options...
    local name=$1 passed=0 skipped=0 part with bad status
    shift
    work="$BUILD/$name"
    rm -rf "$work"
    # Logs are named after process ids, which come again: one that an earlier
    # run left behind must not be found by this one.
    mkdir -p "$work/no-ini" "$work/tmp"
    : >"$work/no-ini/php.ini"
    cp -R "$ROOT/php-tests" "$work/"
    # It writes beside itself too.
    cp "$(find_run_tests)" "$work/run-tests.php"
    printf '%s\n' "${tests[@]}" | grep -v '^php-tests/swoole/' >"$work/list-any" || true
    printf '%s\n' "${tests[@]}" | grep '^php-tests/swoole/' >"$work/list-swoole" || true

    failed=0
    for part in any swoole; do
        [[ -s $work/list-$part ]] || continue
        with=("$@") status=0
        if [[ $part == swoole ]]; then
            if ((${#swoole[@]} == 0)); then
                skipped=$((skipped + $(wc -l <"$work/list-swoole")))
                echo "  Swoole cannot be loaded: $(wc -l <"$work/list-swoole") tests skipped"
                continue
            fi
            with=("${swoole[@]}" "$@")
        fi
        (cd "$work" && env -i PATH="$PATH" HOME="${HOME:-/tmp}" TZ=UTC LANG=C.UTF-8 \
            TMPDIR="$work/tmp" PHPRC="$work/no-ini/php.ini" PHP_INI_SCAN_DIR="$work/no-ini" \
            NO_INTERACTION=1 SKIP_ONLINE_TESTS=1 TEST_PHP_EXECUTABLE="${tested_php:-$PHP}" EXT="$EXT" RECEIVER="${RECEIVER:-}" \
            "${environment[@]}" \
            timeout --kill-after=10 "$time_limit" \
            "$PHP" -n run-tests.php -q -n --offline --no-progress --no-color "-j$JOBS" \
            "${run_tests_options[@]}" "${with[@]}" \
            -W "$work/results-$part" -r "$work/list-$part" </dev/null >"$work/log-$part" 2>&1) || status=$?
        if ((status == 124 || status == 137)); then
            die "run-tests.php was ended after $time_limit s; see $work/log-$part"
        fi
        [[ -s $work/results-$part ]] || die "run-tests.php gave no results; see $work/log-$part"
        # Ended by any other signal, it has told of fewer.
        if (($(wc -l <"$work/results-$part") != $(wc -l <"$work/list-$part"))); then
            die "run-tests.php gave $(wc -l <"$work/results-$part") results for $(wc -l <"$work/list-$part") tests; see $work/log-$part"
        fi
        sed -i "s|\t$work/|\t|" "$work/results-$part"
        passed=$((passed + $(grep -cE $'^(PASSED|XFAILED)\t' "$work/results-$part" || true)))
        skipped=$((skipped + $(grep -cE $'^SKIPPED\t' "$work/results-$part" || true)))
        # Each skipped test with its reason: "SKIP name [file] reason: why".
        sed -nE 's/^SKIP .*\[(.*\.phpt)\] *(reason: *)?(.*)$/  skipped  \1: \3/p' "$work/log-$part"
        # Anything else is a failure: FAILED, BORKED, WARNED, LEAKED.
        bad=$(grep -vE $'^(PASSED|XFAILED|SKIPPED)\t' "$work/results-$part" || true)
        if [[ -n $bad ]]; then
            failed=$((failed + $(wc -l <<<"$bad")))
            show_failures "$bad"
        fi
    done
    report "$passed" "$failed" "$skipped" "$name"
}

# Names what failed, with the start of the first differences: enough to see in
# a CI log what broke.
show_failures() { # result lines
    local result test shown=0
    while IFS=$'\t' read -r result test; do
        printf '  %-8s %s\n' "$result" "$test"
        if ((shown++ < 5)) && [[ -f $work/${test%.phpt}.diff ]]; then
            awk 'NR <= 15 { print "    " $0 }' "$work/${test%.phpt}.diff"
        fi
    done <<<"$1"
}
