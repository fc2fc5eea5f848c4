#!/usr/bin/env bash
# The demo of tracing: a real application on nginx, PHP-FPM, MariaDB and Redis, and a
# second service that it asks, both traced without a change to their code; then
# what the agent knows of them.
#
#   demo/trace.sh               what is installed is used, the rest is left out
#   demo/trace.sh --php-server  `php -S` alone
#
# What is shown is kept in build/demo/traces.txt. The answer that DEMO_ANSWER, a file, has of the
# other demo is repeated at the end. REQUESTS says how many requests are sent (60). KEEP=1 leaves all running until
# Ctrl-C, for a look at the API.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
select_php
need_extension
AGENT="${AGENT:-$TARGET_DIR/release/tracker-agent}"
[[ -x $AGENT ]] || die "no agent at $AGENT. Run 'make build' first."

DEMO="$ROOT/demo/trace"
REQUESTS=${REQUESTS:-60}
mkdir -p "$BUILD/demo"
RUN=$(mktemp -d "$BUILD/demo/run.XXXXXX")
# The name of a Unix socket has at most 107 bytes.
SOCKETS=$RUN
if ((${#RUN} > 80)); then SOCKETS=$(mktemp -d); fi
# shellcheck source=demo/trace/services.sh
source "$DEMO/services.sh"
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
SETTINGS=(-d "extension=$EXT" -d "apm.agent_socket=$SOCKETS/agent.sock" -d apm.slow_ms=200
    -d display_errors=0 -d log_errors=0)

script="$DEMO/plain.php"
if "$PHP" -n -r 'exit(stream_resolve_include_path("Slim/autoload.php") ? 0 : 1);'; then
    script="$DEMO/shop.php"
else
    left_out 'Slim (package php-slim): a plain script instead'
fi
SHOP_PORT=$(free_port)
STOCK_PORT=$(free_port)
export SHOP_STOCK=127.0.0.1:$STOCK_PORT

say "starting the agent and the application, in ${RUN#"$PWD"/}"
start_agent
front='php -S'
if [[ ${1:-} == --php-server ]]; then
    start_php_server "$script"
else
    if start_mariadb shop < <(shop_tables); then
        SHOP_USER=$(id -un)
        export SHOP_MYSQL="$SOCKETS/mysql.sock" SHOP_USER
    fi
    start_redis || true
    if start_fpm && start_nginx "$script"; then
        front='nginx and PHP-FPM'
    else
        start_php_server "$script"
    fi
fi
# shellcheck disable=SC2016 # PHP's variable
for module in pdo_mysql redis curl; do
    "$PHP" -r 'exit(extension_loaded($argv[1]) ? 0 : 1);' -- "$module" || left_out "PHP's $module"
done

say "$REQUESTS requests to the shop ($front)"
"$PHP" -n "$DEMO/drive.php" "127.0.0.1:$SHOP_PORT" "$REQUESTS"

ask() { "$AGENT" "$@" --http "$AGENT_HTTP"; }
# Counts are sent every ten seconds, at the latest.
complete() { ask endpoints --app shop | grep -q "^shop: $REQUESTS calls" && ask endpoints --app stock; }
until_true 30 complete || say 'not all calls have been counted yet'

# What the agent says is gone with it.
KEPT="$BUILD/demo/traces.txt"
: >"$KEPT"
show() { ask "$@" | tee -a "$KEPT"; }
say 'tracker-agent endpoints'
show endpoints
say 'a trace of both services: tracker-agent trace --slowest --app shop --endpoint "GET /product/{id}"'
# shellcheck disable=SC2016 # the $ is a part of the name
show trace --slowest --app shop --endpoint 'GET /product/{id}'
say 'a failed one: tracker-agent trace --error'
show trace --error

say 'the answers, once more'
if [[ -f ${DEMO_ANSWER:-} ]]; then cat "$DEMO_ANSWER"; fi
printf '  %-18s %s\n' 'traces:' "$KEPT"
if [[ -n ${KEEP:-} ]]; then
    say "the shop: http://127.0.0.1:$SHOP_PORT/product/1   the agent: http://$AGENT_HTTP/api/v1/traces   Ctrl-C ends all"
    echo "  the newest trace:  $AGENT trace --http $AGENT_HTTP"
    while sleep 1; do :; done
else
    echo "  looked at alive:   KEEP=1 demo/trace.sh"
fi
