#!/usr/bin/env bash
# The demo: starts a small server that leaks, sends it requests over loopback,
# and prints what the tracker says.
#
#   demo/run.sh            plain PHP, and then Swoole where it is loaded
#   demo/run.sh server.php just that one
#
# Its answer is repeated at the end, and in the file DEMO_ANSWER if that is named.
# REQUESTS says how many requests are sent (60). PHP_ARGS holds further options of
# PHP, such as PHP_ARGS='-d extension=swoole.so' where no ini file loads Swoole.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
select_php
need_extension

DEMO="$ROOT/demo"
OUT="$BUILD/demo"
REQUESTS=${REQUESTS:-60}
read -ra php_args <<<"${PHP_ARGS:-}"
php=("$PHP" "${php_args[@]}" -d "extension=$EXT" -d apm.enable_malloc_hook=1)
mkdir -p "$OUT"
WORK=$(mktemp -d)
ANSWER=$WORK/answer

server_pid=
finish() {
    if [[ -n $server_pid ]]; then
        # Started in the background, the server does not hear Ctrl-C.
        kill "$server_pid" 2>/dev/null || true
        wait "$server_pid" 2>/dev/null || true
    fi
    rm -rf "$WORK"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

has_swoole() {
    "$PHP" "${php_args[@]}" -r 'exit(extension_loaded("swoole") ? 0 : 1);' >/dev/null
}

# Prints the address once the server has written all of its line.
address_of() { # file
    local address
    for _ in {1..200}; do
        if read -r address <"$1"; then
            echo "$address"
            return
        fi
        kill -0 "$server_pid" 2>/dev/null || die "the server ended before it listened"
        sleep 0.05
    done
    die "the server did not start within 10 s"
}

run() { # server name
    local server=$1 name=$2 log="$OUT/$2.trackerleak" address
    [[ -f $DEMO/$server ]] || die "there is no $DEMO/$server"
    if [[ $server == swoole* ]] && ! has_swoole; then
        die "$server needs Swoole, and $PHP does not load it. Try: PHP_ARGS='-d extension=swoole.so' demo/run.sh $server"
    fi
    say "$server: $REQUESTS requests"
    rm -f "$log"*
    # There before anybody reads it.
    : >"$WORK/address"
    "${php[@]}" -d "apm.leak_log=$log" "$DEMO/$server" "$REQUESTS" >"$WORK/address" &
    server_pid=$!
    address=$(address_of "$WORK/address")
    "$PHP" "$DEMO/visitors.php" "$address" "$REQUESTS" || die "the visitors were not all answered"
    wait "$server_pid" || die "the server failed"
    server_pid=

    say "the report: first the original's, one block per request, then the verdicts"
    "${php[@]}" -d "apm.leak_log=$log" -r 'trackerAnalyzeLeak();'
    "${php[@]}" -d "apm.leak_log=$log" -r 'echo trackerLeakReport("html");' >"$OUT/$name.html"
    say "the same as a page, with growth charts and a flame graph: ${OUT#"$PWD"/}/$name.html"
    {
        # shellcheck disable=SC2016 # PHP's variables
        "${php[@]}" -d "apm.leak_log=$log" -r 'require $argv[1]; answer($argv[2], $argv[3]);' -- \
            "$DEMO/answer.php" "$server" "$ROOT"
        printf '  %-18s %s\n' 'as a page:' "$OUT/$name.html"
    } >>"$ANSWER"
}

if (($#)); then
    run "$1" leak-report
else
    run server.php leak-report
    if has_swoole; then
        run swoole_server.php swoole-leak-report
    else
        say "Swoole is not loaded: swoole_server.php is left out (PHP_ARGS='-d extension=swoole.so' loads it)"
    fi
fi

say "in short"
cat "$ANSWER"
[[ -z ${DEMO_ANSWER:-} ]] || cp "$ANSWER" "$DEMO_ANSWER"
