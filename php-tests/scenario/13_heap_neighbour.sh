#!/usr/bin/env bash
# shellcheck disable=SC1091,SC2317 # the library is found at run time; check calls functions
# Another extension that puts handlers on PHP's heap, on top of the hook: whoever goes
# first, the program goes on, and its leak is found.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
CONFIG="${PHP_CONFIG:-php-config$PHP_SERIES}"
command -v "$CONFIG" >/dev/null || skip "no $CONFIG"
command -v cc >/dev/null || skip 'no compiler'

read -ra includes <<<"$("$CONFIG" --includes)"
cc -shared -fPIC "${includes[@]}" -o "$WORK/neighbour.so" "$HERE/neighbour/neighbour.c" || skip 'its headers do not fit'
run() { # neighbour's place, mode
    local modules=(-d "extension=$EXT" -d "extension=$WORK/neighbour.so")
    [[ $1 == after ]] || modules=("${modules[@]:2}" "${modules[@]:0:2}")
    timeout 60 "$PHP" -n "${modules[@]}" -d apm.enable=0 -d apm.enable_malloc_hook=1 -d apm.leak_log="$WORK/$1-$2.log" \
        "$HERE/neighbour/loops.php" "$2" 2>&1
    echo "status $?"
}
cannot="another extension's allocation handlers cannot be chained"
for place in before after; do
    check "it stays, loaded $place ours" equal $'on top\n588894\nstatus 0' "$(run $place stays)"
    check "it goes first, loaded $place ours" equal $'on top\nit heard\n588894\nstatus 0' "$(run $place off)"
    check "a trial below it, loaded $place ours" grep -q "not measured: $cannot" <<<"$(run $place trial)"
    check "a fork below it, loaded $place ours" grep -q '^child: 7' <<<"$(run $place fork)"
    check "the leak is found, loaded $place ours" equal 'loops.php:8' "$(growing "$WORK/$place-stays.log")"
done
done_testing
