#!/usr/bin/env bash
# shellcheck disable=SC2016,SC1091,SC2119 # $ in PHP code; the library is found at run time; start_agent needs no options
# Loops of the leak finder go to the agent as well as into the log, from scripts
# and from Swoole's workers, and what the agent says of them is the log's report.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$HERE/agent.sh"
start_agent
LEAK=("${PHP_RUN[@]}" -d "apm.agent_socket=$SOCKET" -d apm.enable_malloc_hook=1)

# Reports of a log and of the agent, equal but for order.
same_reports() { # log application
    "${PHP_RUN[@]}" -r '
        require $argv[1];
        define("API", $argv[2]);
        $log = json_decode(trackerLeakReport("json", $argv[3]), true)["processes"];
        foreach (api("leaks?app=" . rawurlencode($argv[4]))["leaks"] ?? [] as $app) {
            foreach ($app["processes"] as $process) {
                $agent[] = $process["report"];
            }
        }
        $order = fn ($a, $b) => $a["pid"] <=> $b["pid"];
        $agent ??= [];
        usort($log, $order);
        usort($agent, $order);
        echo count($log), " ", $log === $agent ? "equal" : "different";' -- "$HERE/ask.inc" "$API" "$1" "$2"
}
reports() { # expected log application
    local found=
    for _ in {1..50}; do
        found=$(same_reports "$2" "$3")
        [[ $found == "$1" ]] && break
        sleep 0.2
    done
    echo "$found"
}

cat >"$WORK/worker.php" <<'PHP'
<?php
class Kept { public static array $all = []; public static array $once = []; }
function main(int $n): void {
    trackerHookMalloc();
    Kept::$all[] = str_repeat('x', 1000);
    Kept::$once['a'] ??= str_repeat('y', 5000);
}
for ($i = 0; $i < 40; $i++) {
    main($i);
}
PHP
"${LEAK[@]}" -d "apm.leak_log=$WORK/script.log" "$WORK/worker.php"
check 'a script: the agent says what the log says' equal '1 equal' "$(reports '1 equal' "$WORK/script.log" worker.php)"
check 'a script: the application grows' equal 'worker.php grows 1' \
    "$(ask 'foreach (api("leaks?app=worker.php")["leaks"] as $a) { echo "$a[app] $a[verdict] $a[growing_sites]"; }')"

"${LEAK[@]}" -d apm.enable=0 -d "apm.leak_log=$WORK/off.log" "$WORK/worker.php"
check 'with tracing off nothing is sent' equal 1 "$(ask 'echo count(api("leaks")["leaks"]);')"

"${LEAK[@]}" -d "apm.leak_log=$WORK/absent.log" -d "apm.agent_socket=$WORK/absent.sock" "$WORK/worker.php"
check 'without an agent the log is whole' equal 1 \
    "$("${PHP_RUN[@]}" -r 'echo count(json_decode(trackerLeakReport("json", $argv[1]), true)["processes"]);' -- "$WORK/absent.log")"

swoole=()
for modules in '-d extension=swoole.so' '-d extension=mysqlnd.so -d extension=sockets.so -d extension=curl.so -d extension=swoole.so'; do
    # shellcheck disable=SC2086 # several words
    if "$PHP" -n $modules -r 'echo swoole_version();' 2>&1 | grep -qx "[0-9.]*"; then
        read -ra swoole <<<"$modules"
        break
    fi
done
if ((${#swoole[@]} == 0)); then
    echo 'skip Swoole: it is not installed'
    done_testing
fi
cat >"$WORK/server.php" <<'PHP'
<?php
class Kept { public static array $all = []; }
$server = new Swoole\Http\Server('127.0.0.1', (int) $argv[1], SWOOLE_PROCESS);
$server->set(['worker_num' => 2, 'log_level' => SWOOLE_LOG_ERROR]);
$server->on('request', function ($request, $response) {
    trackerHookMalloc();
    Kept::$all[] = random_bytes(1000);
    $response->end('page');
});
$server->start();
PHP
PORT=$(free_port)
"${LEAK[@]}" "${swoole[@]}" -d apm.service_name=swoole -d "apm.leak_log=$WORK/swoole.log" "$WORK/server.php" "$PORT" &
SERVER=$!
STARTED+=("$SERVER")
wait_for_port "$PORT"
read -r _ answered _ <<<"$("$PHP" -n "$HERE/load.php" "$PORT" 80 1)"
check 'Swoole: every request is answered' equal 80 "$answered"
kill "$SERVER"
wait "$SERVER" 2>/dev/null || true
workers=$("${PHP_RUN[@]}" -r 'echo count(json_decode(trackerLeakReport("json", $argv[1]), true)["processes"]);' -- "$WORK/swoole.log")
check 'Swoole: the agent says what the log says' equal "$workers equal" "$(reports "$workers equal" "$WORK/swoole.log" swoole)"
# The first call of a process installs the hook; each of the others begins a loop.
check 'Swoole: every loop of every worker, the last included' equal $((80 - workers)) \
    "$(ask '$n = 0; foreach (api("leaks?app=swoole")["leaks"] as $a) { foreach ($a["processes"] as $p) { $n += $p["report"]["loops"] ?? 0; } } echo $n;')"
done_testing
