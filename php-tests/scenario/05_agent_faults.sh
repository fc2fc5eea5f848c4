#!/usr/bin/env bash
# shellcheck disable=SC2016,SC1091,SC2119 # $ in PHP code; the library is found at run time; start_agent needs no options
# The agent is absent, stopped, killed, wrong: PHP answers as ever, and after any
# number of kills every request is counted once. KILLS=20 is the long mode.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$HERE/agent.sh"
need_packages "php$PHP_SERIES-sqlite3"
KILLS="${KILLS:-5}"

load_modules pdo pdo_sqlite
PHP_TRACED=("${PHP_RUN[@]}" "${MODULES[@]}" -d "apm.agent_socket=$SOCKET")
cat >"$WORK/page.php" <<'PHP'
<?php
$db = new PDO('sqlite::memory:');
$db->exec('CREATE TABLE t (a)');
echo 'page';
PHP
SENT=0
serve() { # sets PORT and SERVER
    PORT=$(free_port)
    "${PHP_TRACED[@]}" -d apm.service_name=load -S "127.0.0.1:$PORT" "$WORK/page.php" >"$WORK/server.log" 2>&1 &
    SERVER=$!
    STARTED+=("$SERVER")
    wait_for_port "$PORT"
}
load() { # count; sets ANSWERED, MEDIAN and P99
    read -r _ ANSWERED MEDIAN P99 <<<"$("$PHP" -n "$HERE/load.php" "$PORT" "$1" $((SENT + 1)))"
    ((SENT += $1))
}

# 1. The agent misbehaves. Every manner follows a healthy run of the same server.
serve
start_agent
load 100
manners() {
    case $1 in
        absent) kill_agent TERM ;;
        'socket file gone') rm -f "$SOCKET" ;;
        stopped) kill -STOP "$AGENT_PID" ;;
        garbage | refuse | silent)
            kill_agent TERM
            mkfifo "$WORK/$1"
            "$RECEIVER" "$SOCKET" "--$1" <"$WORK/$1" >/dev/null &
            RECEIVER_PID=$!
            STARTED+=("$RECEIVER_PID")
            exec 8>"$WORK/$1"
            sleep 0.3
            ;;
    esac
}
mends() {
    case $1 in
        absent) start_agent ;;
        'socket file gone') kill_agent TERM && start_agent ;;
        stopped) kill -CONT "$AGENT_PID" ;;
        garbage | refuse | silent)
            exec 8>&-
            wait "$RECEIVER_PID" || true
            start_agent
            ;;
    esac
}
faults=(absent 'socket file gone' stopped)
if [[ -x ${RECEIVER:-} ]]; then
    faults+=(garbage refuse silent)
else
    echo 'skip garbage, refuse, silent: set RECEIVER'
fi
for fault in "${faults[@]}"; do
    load 200
    healthy=$MEDIAN healthy_p99=$P99
    manners "$fault"
    load 200
    echo "# $fault: median $MEDIAN us, p99 $P99 us; healthy: $healthy us, $healthy_p99 us"
    check "$fault: every request is answered" equal 200 "$ANSWERED"
    check "$fault: no slower" test "$MEDIAN" -le $((healthy * 3 / 2 + 1000))
    mends "$fault"
done
check 'after all that every request is counted' equal "$SENT" "$(eventually "$SENT" 'echo total("calls") + lost("stats_calls");')"
check 'every trace is there, once, or reported as dropped' equal "$SENT" \
    "$(eventually "$SENT" 'echo count(array_unique(array_column(traces("app=load"), "trace_id"))) + lost("queue_full");')"

# 2. A short script while the agent is stopped.
kill -STOP "$AGENT_PID"
times=$("$PHP" -n -r '
    $median = function (array $t) { sort($t); return $t[intdiv(count($t), 2)]; };
    for ($i = 0; $i < 25; $i++) {
        foreach ([0, 1] as $on) {
            $began = hrtime(true);
            proc_close(proc_open([...array_slice($argv, 1), "-d", "apm.enable=$on", "-r", ""], [], $pipes));
            $times[$on][] = hrtime(true) - $began;
        }
    }
    echo round(($median($times[1]) - $median($times[0])) / 1e6, 1);' -- "${PHP_TRACED[@]}")
kill -CONT "$AGENT_PID"
echo "# php -r '': $times ms slower"
check "php -r '' is at most 25 ms slower while the agent is stopped" \
    "$PHP" -n -r 'exit($argv[1] <= 25 ? 0 : 1);' -- "$times"

check 'the agent gets what they left, once it goes on' equal 25 "$(eventually 25 'echo total("calls", "internal", "php");')"

# 3. kill -9 under load.
"$PHP" -n "$HERE/load.php" "$PORT" 1000000 $((SENT + 1)) "$WORK/enough" >"$WORK/loaded" &
LOADER=$!
STARTED+=("$LOADER")
for ((kills = 0; kills < KILLS; kills++)); do
    sleep "0.$((RANDOM % 6 + 3))"
    kill_agent KILL
    sleep "0.$((RANDOM % 3))"
    start_agent
done
sleep 0.5
touch "$WORK/enough"
wait "$LOADER"
read -r sent answered _ p99 <"$WORK/loaded"
((SENT += sent))
echo "# $KILLS kills, $sent requests, p99 $p99 us"
check 'every request was answered while the agent was killed' equal "$sent" "$answered"
check 'counted = sent - reported drops' equal "$SENT" "$(eventually "$SENT" 'echo total("calls") + lost("stats_calls");')"
check 'calls of the database as well' equal $((2 * SENT)) "$(eventually $((2 * SENT)) 'echo total("calls", "client");')"
check 'every trace is there or reported as dropped' equal "$SENT" \
    "$(eventually "$SENT" 'echo count(traces("app=load")) + lost("queue_full");')"
check 'none is there twice' equal 0 \
    "$(ask '$t = traces("app=load"); echo count($t) - count(array_unique(array_column($t, "trace_id")));')"
check 'each has its three spans' equal '3' \
    "$(ask 'echo implode(" ", array_unique(array_column(traces("app=load"), "spans")));')"
check 'they are those that were sent' equal 0 \
    "$(ask "foreach (traces('app=load') as \$t) { \$ids[(int) hexdec(\$t['trace_id'])] = 1; }
        echo count(array_diff_key(\$ids, array_flip(range(1, $SENT))));")"
done_testing
