# shellcheck shell=bash disable=SC2016,SC2034
# Shared by the scenarios: what a scenario says, and that nothing stays behind.
# A scenario prints lines "ok ...", "not ok ..." or "skip ...", and exits with
# 0, 1 (something was not ok) or 77 (skipped).
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"
select_php
need_extension
HERE="$ROOT/php-tests/scenario"
# The application must not see the settings of the machine's php.ini.
PHP_RUN=("$PHP" -n -d "extension=$EXT")

WORK=$(mktemp -d)
STARTED=() # process ids to end
FAILED=0
trap finish EXIT

# Whoever writes into a folder ends before the folder goes.
stop_started() {
    local pid
    for pid in "${STARTED[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    STARTED=()
}

finish() {
    stop_started
    rm -rf "$WORK"
}

check() { # description command...: ok if the command succeeds
    local what=$1
    shift
    if "$@"; then
        echo "ok $what"
    else
        echo "not ok $what"
        FAILED=1
    fi
}

equal() { # expected found
    [[ $1 == "$2" ]] || {
        printf '# expected: %s\n# found:    %s\n' "${1//$'\n'/$'\n#           '}" "${2//$'\n'/$'\n#           '}"
        return 1
    }
}

skip() {
    echo "skip $*"
    exit 77
}

done_testing() { exit "$FAILED"; }

# Installs missing packages where that is possible, else skips the scenario.
need_packages() {
    local package missing=()
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
    done
    ((${#missing[@]} == 0)) && return
    "$ROOT/scripts/setup.sh" "${missing[@]}" >"$WORK/setup.log" 2>&1 || skip "cannot install ${missing[*]}"
}

# FPM, with a pool of its own in the work folder: fpm.conf is written, fpm.sock
# listened on, fpm.log and fpm.out written to.
need_fpm() { # further packages; sets FPM
    need_packages "php$PHP_SERIES-fpm" "$@"
    FPM=$(command -v "php-fpm$PHP_SERIES" || echo "/usr/sbin/php-fpm$PHP_SERIES")
    [[ -x $FPM ]] || skip "no $FPM"
    chmod 755 "$WORK" # for the pool's user
}

fpm_pool() { # name of the pool's files, number of workers, lines for [global], lines for the pool
    local name=$1 workers=$2
    {
        echo '[global]'
        echo "error_log = $WORK/$name.log"
        [[ -z ${3:-} ]] || echo "$3"
        echo '[www]'
        ((EUID == 0)) && echo -e 'user = www-data\ngroup = www-data\nlisten.mode = 0666'
        echo "listen = $WORK/$name.sock"
        echo 'pm = static'
        echo "pm.max_children = $workers"
        [[ -z ${4:-} ]] || echo "$4"
    } >"$WORK/$name.conf"
}

start_fpm() { # name of the pool's files, options; sets FPM_PID
    local name=$1
    shift
    "$FPM" -F -n -y "$WORK/$name.conf" "$@" -d "extension=$EXT" >"$WORK/$name.out" 2>&1 &
    FPM_PID=$!
    STARTED+=("$FPM_PID")
    for _ in {1..100}; do
        [[ -S $WORK/$name.sock ]] && return
        sleep 0.05
    done
    return 1
}

# Modules that a PHP without its ini files must be told to load.
load_modules() { # module...; sets MODULES
    local module
    MODULES=()
    for module in "$@"; do
        [[ ! -f $("$PHP_CONFIG" --extension-dir)/$module.so ]] || MODULES+=(-d "extension=$module")
    done
}

# The growing lines in a log, one "file:line function" each; the files are named
# from their last folder on.
growing() { # log
    "${PHP_RUN[@]}" -r '
        foreach (json_decode(trackerLeakReport("json", $argv[1]), true)["processes"] as $process) {
            foreach ($process["sites"] as $site) {
                if ($site["verdict"] === "grows") {
                    $lines[basename($site["file"]) . ":" . $site["line"]] = true;
                }
            }
        }
        echo implode("\n", array_keys($lines ?? []));' -- "$1"
}
