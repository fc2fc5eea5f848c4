# shellcheck shell=bash disable=SC2016,SC2034 # $ in PHP code
# Shared by the scenarios that run the agent: after lib.sh.
AGENT="${AGENT:-$(dirname "$EXT")/tracker-agent}"
[[ -x $AGENT ]] || skip "no agent at $AGENT"
SOCKET="$WORK/agent.sock"
AGENT_PID=

start_agent() { # further options; sets AGENT_PID, and API to its address
    : >"$WORK/agent.log"
    # FILE_LIMIT: blocks of 1 KiB beyond which no file grows.
    (ulimit -f "${FILE_LIMIT:-unlimited}" && exec "$AGENT" --socket "$SOCKET" --socket-mode 0666 --data-dir "$WORK/data" --http 127.0.0.1:0 \
        --max-traces-per-s 0 "$@") >"$WORK/agent.log" 2>&1 &
    AGENT_PID=$!
    STARTED+=("$AGENT_PID")
    for _ in {1..200}; do
        API=$(sed -n 's/.*the API listens.*address=\([0-9.:]*\).*/\1/p' "$WORK/agent.log")
        [[ -n $API && -S $SOCKET ]] && return
        sleep 0.02
    done
    cat "$WORK/agent.log"
    echo 'not ok the agent starts'
    exit 1
}

kill_agent() { # signal
    kill "-$1" "$AGENT_PID" 2>/dev/null || true
    wait "$AGENT_PID" 2>/dev/null || true
}

ask() { # PHP code, with the functions of ask.inc
    "$PHP" -n -d memory_limit=-1 -r 'require $argv[1]; define("API", $argv[2]); '"$1" -- "$HERE/ask.inc" "$API"
}

# Waits until PHP code prints what is expected, and prints what it printed last.
eventually() { # expected PHP-code
    local found=
    for _ in {1..100}; do
        found=$(ask "$2")
        [[ $found == "$1" ]] && break
        sleep 0.2
    done
    echo "$found"
}

free_port() {
    "$PHP" -n -r '$s = stream_socket_server("tcp://127.0.0.1:0"); echo substr(strrchr(stream_socket_get_name($s, false), ":"), 1);'
}

wait_for_port() { # port
    for _ in {1..200}; do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
        sleep 0.02
    done
    return 1
}
