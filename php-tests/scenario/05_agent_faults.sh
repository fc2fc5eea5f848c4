#!/usr/bin/env bash
# shellcheck disable=SC2016,SC1091,SC2119,SC2317 # $ in PHP code; the library is found at run time; start_agent needs no options; called by trap and check
# The agent is absent, stopped, killed, wrong, out of disk: PHP answers as ever, and after
# any number of kills every request is counted once.
#
# FULL=1 measures what is promised, on a machine that does nothing else: for every fault
# seven pairs of a healthy run and one with the fault, taken in turns; of the pairs the
# median of requests/s is at least 0.97, and the p99 at most 1.15 times the healthy one
# and 1 ms; and the agent is killed 20 times. Without it one short pair a fault, five kills,
# and bounds that hold on a machine that is busy with other tests. PAIRS, REQUESTS and
# KILLS change the numbers.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$HERE/agent.sh"
need_packages "php$PHP_SERIES-sqlite3"
FULL="${FULL:-}"
PAIRS="${PAIRS:-${FULL:+7}}" PAIRS="${PAIRS:-1}"
REQUESTS="${REQUESTS:-${FULL:+2000}}" REQUESTS="${REQUESTS:-200}"
KILLS="${KILLS:-${FULL:+20}}" KILLS="${KILLS:-5}"

# A disk that can be filled: a small file system if that may be mounted, else files may
# not grow from then on.
mkdir "$WORK/data"
if ((EUID == 0)) && mount -t tmpfs -o size=256m tmpfs "$WORK/data" 2>/dev/null; then
    MOUNTED=1
    unmount() {
        umount -l "$WORK/data" || true
        finish
    }
    trap unmount EXIT
else
    MOUNTED=
fi

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
load() { # count; sets ANSWERED, MEDIAN, P99 and RATE
    read -r _ ANSWERED MEDIAN P99 RATE <<<"$("$PHP" -n "$HERE/load.php" "$PORT" "$1" $((SENT + 1)))"
    ((SENT += $1))
}

# 1. The agent misbehaves, each time after a healthy run of the same server.
serve
start_agent
load 100
use_receiver() { # --garbage, --refuse or --silent
    kill_agent TERM
    rm -f "$WORK/receive" && mkfifo "$WORK/receive"
    "$RECEIVER" "$SOCKET" "$1" <"$WORK/receive" >/dev/null &
    RECEIVER_PID=$!
    STARTED+=("$RECEIVER_PID")
    exec 8>"$WORK/receive"
    sleep 0.3
}
kill_and_start_again() { # while there is this process
    while kill -0 "$1" 2>/dev/null; do
        kill_agent KILL
        sleep 0.2
        start_agent
        sleep 0.5
    done
}
begins() { # fault
    case $1 in
        absent) kill_agent TERM ;;
        'socket file gone') rm -f "$SOCKET" ;;
        stopped) kill -STOP "$AGENT_PID" ;;
        garbage | refuse | silent) use_receiver "--$1" ;;
        'disk full')
            if [[ -n $MOUNTED ]]; then
                dd if=/dev/zero of="$WORK/data/filler" bs=1M 2>/dev/null || true
            else
                kill_agent TERM
                FILE_LIMIT=64 start_agent
            fi
            ;;
    esac
}
ends() { # fault
    case $1 in
        absent) start_agent ;;
        'socket file gone') kill_agent TERM && start_agent ;;
        stopped) kill -CONT "$AGENT_PID" ;;
        garbage | refuse | silent)
            exec 8>&-
            wait "$RECEIVER_PID" || true
            start_agent
            ;;
        'disk full')
            if [[ -n $MOUNTED ]]; then
                rm "$WORK/data/filler"
            else
                kill_agent TERM
                start_agent
            fi
            ;;
    esac
}
# What the agent had to leave for later shall not be done during the next run.
settle() {
    eventually "$SENT" 'echo total("calls") + lost("stats_calls");' >/dev/null
    [[ -z $FULL ]] || sleep 1.5
}
pairs_of() { # fault: PAIRS pairs of runs; lines "rate median p99" in healthy and ill
    local pair
    : >"$WORK/healthy"
    : >"$WORK/ill"
    for ((pair = 0; pair < PAIRS; pair++)); do
        load "$REQUESTS"
        echo "$RATE $MEDIAN $P99" >>"$WORK/healthy"
        begins "$1"
        if [[ $1 == killed ]]; then
            "$PHP" -n "$HERE/load.php" "$PORT" "$REQUESTS" $((SENT + 1)) >"$WORK/loaded" &
            kill_and_start_again $!
            ((SENT += REQUESTS))
            read -r _ ANSWERED MEDIAN P99 RATE <"$WORK/loaded"
        else
            load "$REQUESTS"
        fi
        echo "$RATE $MEDIAN $P99" >>"$WORK/ill"
        check "$1: every request is answered" equal "$REQUESTS" "$ANSWERED"
        ends "$1"
        settle
    done
}
# Median over the pairs; fails beyond the bounds.
compare() {
    "$PHP" -n -r '
        [, $healthy, $ill, $full] = $argv;
        $read = fn ($file) => array_map(fn ($line) => array_map("floatval", explode(" ", $line)), file($file));
        $median = function (array $n) { sort($n); return $n[intdiv(count($n), 2)]; };
        [$healthy, $ill] = [$read($healthy), $read($ill)];
        $rate = $median(array_map(fn ($h, $i) => $i[0] / $h[0], $healthy, $ill));
        $over = $median(array_map(fn ($h, $i) => $i[2] - 1.15 * $h[2], $healthy, $ill));
        $middle = $median(array_map(fn ($h, $i) => $i[1] - 1.5 * $h[1], $healthy, $ill));
        printf("# requests/s %.3f of the healthy; p99 %d us, healthy %d us\n", $rate,
            $median(array_column($ill, 2)), $median(array_column($healthy, 2)));
        exit((int) !($full ? $rate >= 0.97 && $over <= 1000 : $middle <= 1000));' -- "$WORK/healthy" "$WORK/ill" "$FULL"
}
faults=(absent 'socket file gone' stopped killed)
if [[ -x ${RECEIVER:-} ]]; then
    faults+=(garbage refuse silent)
else
    echo 'skip garbage, refuse, silent: set RECEIVER'
fi
for fault in "${faults[@]}"; do
    pairs_of "$fault"
    check "$fault: no slower" compare
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
read -r sent answered _ p99 _ <"$WORK/loaded"
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

# 4. The disk is full: bodies are shed, nothing is miscounted, and PHP is no slower.
pairs_of 'disk full'
check 'disk full: no slower' compare
check 'disk full: every request is counted' equal "$SENT" "$(eventually "$SENT" 'echo total("calls") + lost("stats_calls");')"
check 'disk full: none is there twice' equal 0 \
    "$(ask '$t = traces("app=load"); echo count($t) - count(array_unique(array_column($t, "trace_id")));')"
done_testing
