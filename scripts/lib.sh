# shellcheck shell=bash
# Shared by every script here: where things are, which PHP is meant, and how
# to speak. Source it; it runs nothing by itself.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD="$ROOT/build"
TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT/target}"
# The built extension. Override it to test another build.
EXT="${EXT:-$TARGET_DIR/release/libswoole_tracker.so}"
JOBS="${JOBS:-$(nproc)}"
export ROOT BUILD TARGET_DIR EXT JOBS

say() { printf '==> %s\n' "$*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# One PHP is meant by two programs, the interpreter and php-config, and they
# must be of one version. Naming either is enough; the other is derived.
select_php() {
    if [[ -z ${PHP:-} && -n ${PHP_CONFIG:-} ]]; then
        PHP=$("$PHP_CONFIG" --php-binary)
    fi
    PHP=${PHP:-php}
    command -v "$PHP" >/dev/null || die "no PHP found as '$PHP'. Run 'make setup', or set PHP or PHP_CONFIG."
    PHP=$(readlink -f "$(command -v "$PHP")")
    PHP_SERIES=$("$PHP" -n -r 'echo PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION;')
    if [[ -z ${PHP_CONFIG:-} ]]; then
        if command -v "php-config$PHP_SERIES" >/dev/null; then
            PHP_CONFIG=php-config$PHP_SERIES
        else
            PHP_CONFIG=php-config
        fi
    fi
    export PHP PHP_CONFIG PHP_SERIES
}

# For what needs php-config too: building, installing, phpt.
select_php_dev() {
    select_php
    command -v "$PHP_CONFIG" >/dev/null ||
        die "no php-config for $PHP. Install php$PHP_SERIES-dev ('make setup'), or set PHP_CONFIG."
    local theirs ours
    theirs=$("$PHP_CONFIG" --version)
    ours=$("$PHP" -n -r 'echo PHP_VERSION;')
    [[ $theirs == "$ours" ]] ||
        die "$PHP is $ours, but $PHP_CONFIG is $theirs. Set PHP and PHP_CONFIG to the same version."
}

need_extension() {
    [[ -f $EXT ]] || die "no extension at $EXT. Run 'make build' first, or set EXT."
    EXT=$(readlink -f "$EXT")
}

# Parts of a test run report by appending "passed failed skipped name" to the
# file $SUMMARY, if a caller asked for it; scripts/test.sh adds them up.
report() { # passed failed skipped name
    printf '%s: %d passed, %d failed, %d skipped\n' "$4" "$1" "$2" "$3"
    if [[ -n ${SUMMARY:-} ]]; then
        printf '%d %d %d %s\n' "$1" "$2" "$3" "$4" >>"$SUMMARY"
    fi
}

# A sentence for the end of a test run, if a caller asked for one.
remark() {
    if [[ -n ${REMARKS:-} ]]; then
        printf '%s\n' "$*" >>"$REMARKS"
    fi
}
