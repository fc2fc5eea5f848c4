#!/usr/bin/env bash
# PHP's own test suites, with and without the extension: the extension must
# change no result of any test. Compared are the result lists of
#
#   plain    no extension            with  off      loaded, switched off (enable=0)
#                                    and   traced   loaded, tracing on, the default
#   prepend  no extension, a prepend file that is empty
#                                    with  booking  loaded, the same prepend file
#                                                   hooks the heap for the request
#
# and, with --jit, the last pair once more under opcache's tracing JIT, which
# leak_jit=1 keeps running. With --userland another pair is compared instead
# (with --jit under it as well):
#
#   plain    no extension            with  userland  every user function is
#                                                    instrumented, its arguments read
#
# --subset runs the tests of subset.txt only. Where the archive lacks the source
# of the installed PHP, the tests of the nearest version stand in: the installed
# PHP runs them, and with --matching the interpreter of that version does.
#
# A test whose results differ is run again, alone, in both configurations: what
# then agrees every time is named as unstable and does not count as a failure.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
source "$here/../../scripts/lib.sh"
export LC_ALL=C # sort, comm and grep must agree

FOLDERS=(Zend/tests tests/lang ext/standard/tests/array ext/standard/tests/strings ext/standard/tests/general_functions)
RERUNS=3

subset=false jit=false matching=false userland=false
for arg in "$@"; do
    case $arg in
        --subset) subset=true ;;
        --jit) jit=true ;;
        --matching) matching=true ;;
        --userland) userland=true ;;
        *) die "usage: $0 [--subset] [--jit] [--matching] [--userland]" ;;
    esac
done

select_php
need_extension
tree=$("$ROOT/scripts/php-source.sh")
php=$PHP
modules=$("$PHP" -n -r 'echo ini_get("extension_dir");')
if $matching; then
    php=$(<"$tree/.php")
    modules=$(<"$tree/.extension_dir")
    if [[ $php == "$PHP" ]]; then
        echo "the tests are of the installed PHP's own version: nothing more to run"
        exit
    fi
fi
work="$BUILD/php-suite"
leak_log="$work/leak.log"
prepend="$work/prepend.php"
rm -rf "$work"
mkdir -p "$work/no-ini"
: >"$work/no-ini/php.ini"

sed -E 's/#.*//; s/[[:space:]].*//; /^$/d' "$here/exclude.txt" | sort >"$work/excluded"

tests="$work/tests"
if $subset; then
    # Another PHP version may lack some of the listed tests.
    while read -r test; do
        [[ ! -f $tree/$test ]] || echo "$test"
    done <"$here/subset.txt" >"$tests"
else
    (cd "$tree" && find "${FOLDERS[@]}" -name '*.phpt') | sort >"$tests"
fi
[[ -s $tests ]] || die "no tests found in $tree"

traced=(-d "extension=$EXT")
off=("${traced[@]}" -d apm.enable=0)
booking=("${traced[@]}"
    -d apm.enable_malloc_hook=1 -d apm.leak_scope=request
    -d "apm.leak_log=$leak_log" -d apm.leak_log_max_mb=4096)
# All is read and formatted, and thrown away.
instrumented=("${traced[@]}" -d 'apm.trace_functions=*(*)' -d apm.userland_log=/dev/null)
with_prepend=(-d "auto_prepend_file=$prepend")
with_jit=(-d zend_extension=opcache -d opcache.enable=1 -d opcache.enable_cli=1
    -d opcache.jit=tracing -d opcache.jit_buffer_size=64M)

# The file has one name in both runs, for tests that print it.
write_prepend() { # what the file does
    printf '<?php\n%s\n' "$1" >"$prepend"
}

# A clean environment and no ini files, so that two machines with the same PHP
# get the same list. Tests start interpreters of their own: PHPRC and
# PHP_INI_SCAN_DIR keep the machine's ini files from those too.
run_tests() { # result-list tests-file jobs php-options...
    local list=$1 file=$2 jobs=$3
    shift 3
    (cd "$tree" && env -i PATH="$PATH" HOME=/tmp TZ=UTC LC_ALL=C \
        PHPRC="$work/no-ini/php.ini" PHP_INI_SCAN_DIR="$work/no-ini" \
        NO_INTERACTION=1 SKIP_ONLINE_TESTS=1 TEST_PHP_EXECUTABLE="$php" \
        timeout --kill-after=10 1200 \
        "$php" -n -d memory_limit=-1 run-tests.php -q -n --offline --no-progress --no-color \
        "-j$jobs" --set-timeout 120 -d "extension_dir=$modules" "$@" \
        -W "$list.raw" -r "$file" </dev/null >"$list.log" 2>&1) || true
    sed "s|\t$tree/|\t|" "$list.raw" | awk -F'\t' '{ print $2 "\t" $1 }' | sort >"$list"
    [[ $(wc -l <"$list") -ge $(wc -l <"$file") ]] ||
        die "run-tests.php gave $(wc -l <"$list") results for $(wc -l <"$file") tests; see $list.log"
}

run_suite() { # name php-options...
    local name=$1 started=$SECONDS
    shift
    run_tests "$work/$name" "$tests" "$JOBS" "$@"
    printf '%-12s %s  (%d s)\n' "$name" \
        "$(cut -f2 "$work/$name" | sort | uniq -c | awk '{ printf "%s%d %s", sep, $1, $2; sep = ", " }')" \
        $((SECONDS - started))
}

# Prints the tests whose results differ between two lists, less the excluded.
differing() { # list list
    comm -3 "$1" "$2" | sed 's/^\t//' | cut -f1 | sort -u | comm -23 - "$work/excluded"
}

failed=0
compare() { # name-of-baseline name-of-run
    local base=$1 run=$2 suspects="$work/suspects-$2" list
    differing "$work/$base" "$work/$run" >"$suspects"
    [[ -s $suspects ]] || {
        echo "  $run = $base"
        return
    }
    for ((i = 0; i < RERUNS; i++)); do
        for list in "$base" "$run"; do
            configure "$list"
            run_tests "$work/again-$list" "$suspects" 1 "${options[@]}"
        done
        differing "$work/again-$base" "$work/again-$run" >>"$suspects.differ"
    done
    sort -u "$suspects.differ" -o "$suspects.differ"
    while read -r test; do
        if grep -qxF "$test" "$suspects.differ"; then
            failed=$((failed + 1))
            printf '  DIFFERS  %s: %s: %s, %s: %s\n' "$test" \
                "$base" "$(grep -F "$test"$'\t' "$work/$base" | cut -f2)" \
                "$run" "$(grep -F "$test"$'\t' "$work/$run" | cut -f2)"
        else
            printf '  unstable %s (agreed in %d further runs)\n' "$test" $RERUNS
        fi
    done <"$suspects"
}

# Sets `options` (and the prepend file) for one configuration.
configure() { # name
    case $1 in
        plain) options=() ;;
        off) options=("${off[@]}") ;;
        traced) options=("${traced[@]}") ;;
        prepend) options=("${with_prepend[@]}") ;;
        booking) options=("${booking[@]}" "${with_prepend[@]}") ;;
        userland) options=("${instrumented[@]}") ;;
        jit-plain) options=("${with_jit[@]}") ;;
        jit-userland) options=("${with_jit[@]}" "${instrumented[@]}") ;;
        jit-prepend) options=("${with_jit[@]}" "${with_prepend[@]}") ;;
        jit-booking) options=("${with_jit[@]}" "${booking[@]}" -d apm.leak_jit=1 "${with_prepend[@]}") ;;
    esac
    case $1 in
        *prepend) write_prepend '// nothing' ;;
        *booking) write_prepend 'trackerHookMalloc();' ;;
    esac
}

"$php" -n -d "extension=$EXT" -r 'exit(function_exists("trackerHookMalloc") ? 0 : 1);' ||
    die "$php cannot load $EXT"

source_version=$(sed -n 's/^#define PHP_VERSION "\(.*\)"/\1/p' "$tree/main/php_version.h")
own_version=$("$php" -n -r 'echo PHP_VERSION;')
[[ $source_version == "$own_version" ]] ||
    remark "PHP's own suites are those of $source_version, run by PHP $own_version: the archive has no source of $own_version"
say "PHP's own suites of $source_version, run by PHP $("$php" -n -r 'echo PHP_VERSION;'): $(wc -l <"$tests") tests, $(wc -l <"$work/excluded") excluded"
if $userland; then
    pairs=("plain userland")
    ! $jit || pairs+=("jit-plain jit-userland")
else
    pairs=("plain off" "plain traced" "prepend booking")
    ! $jit || pairs+=("jit-prepend jit-booking")
fi
mapfile -t configurations < <(printf '%s\n' "${pairs[@]}" | tr ' ' '\n' | awk '!seen[$0]++')
for name in "${configurations[@]}"; do
    configure "$name"
    run_suite "$name" "${options[@]}"
done

# Nothing is shown by a run in which nothing happened.
was_booked() {
    # shellcheck disable=SC2016 # PHP's variables, not the shell's
    "$php" -n -d memory_limit=-1 "${booking[@]}" -r '
        $processes = json_decode(trackerLeakReport("json"), true)["processes"];
        $booked = array_column($processes, "allocations");
        $empty = count(array_filter($booked, fn($n) => $n < 1));
        printf("booked       %d allocations in %d processes, %d of them with none\n",
            array_sum($booked), count($booked), $empty);
        exit(array_sum($booked) > 0 && $empty === 0 ? 0 : 1);
    '
}

were_instrumented() {
    local log="$work/userland.log"
    "$php" -n "${instrumented[@]}" -d "apm.userland_log=$log" -r 'function f() {} f();'
    grep -q 'begin f' "$log"
}

did_happen=was_booked
! $userland || did_happen=were_instrumented
"$did_happen" || {
    echo "  FAILED: $did_happen"
    failed=$((failed + 1))
}

for pair in "${pairs[@]}"; do
    # shellcheck disable=SC2086 # two words
    compare $pair
done

# Failed without the extension as well: equal, so no failure of the extension.
for pair in "${pairs[@]}"; do
    read -r base run <<<"$pair"
    join -t$'\t' "$work/$base" "$work/$run" | awk -F'\t' -v pair="$base and $run" '
        $2 == "FAILED" && $3 == "FAILED" { n++; names = names "\n    " $1 }
        END { if (n) printf "  %d FAILED in both %s, so equal: not the extension%s\n", n, pair, names }'
done
echo "  skipped, by reason:"
sed -nE 's/^SKIP .*\.phpt\] *(reason: *)?(.*)$/\2/p' "$work/${pairs[0]#* }.log" | sort | uniq -c | sort -rn | sed 's/^/  /'

# One test counts once for each run with the extension in it.
lists=("${pairs[@]/#* /$work/}")
join -v1 -t$'\t' <(sort "${lists[@]}") "$work/excluded" >"$work/counted"
skipped=$(grep -c $'\tSKIPPED$' "$work/counted" || true)
excluded=$(($(cat "${lists[@]}" | wc -l) - $(wc -l <"$work/counted")))
report $(($(wc -l <"$work/counted") - skipped - failed)) "$failed" $((skipped + excluded)) "PHP's own suites"
((failed == 0))
