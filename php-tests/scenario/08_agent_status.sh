#!/usr/bin/env bash
# shellcheck disable=SC2016,SC1091,SC2119,SC2317 # $ in PHP code; the library is found at run time; start_agent needs no options; check calls functions
# tracker-agent status, asked of a real agent that a real PHP sends to: before,
# while a process is connected, after it, and when there is no agent.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$HERE/agent.sh"
status() { # prints what status says; its exit status is the last line
    local code=0
    "$AGENT" status --socket "$SOCKET" --http "${API:-127.0.0.1:1}" || code=$?
    echo "exit $code"
}
# A line of status, as soon as it is there; else what status said last.
says() { # line
    local said=
    for _ in {1..100}; do
        said=$(status)
        grep -qxF -- "$1" <<<"$said" && return
        sleep 0.1
    done
    printf '# no line %s in\n%s\n' "$1" "$said"
    return 1
}

API=
check 'without an agent it fails and says so' grep -qE "not running, or not for this user: $SOCKET: " <<<"$(status)"
check 'by its exit status too' grep -qx 'exit 1' <<<"$(status)"

start_agent
check 'its process and its user' says "running    pid $AGENT_PID, uid $EUID"
check 'where it listens' says "socket     $SOCKET"
check 'its API' says "api        http://$API"
check 'its identity' says "agent      $(cat "$WORK/data/agent_id")"
check 'all is well' says 'exit 0'
check 'nobody has sent anything' test -z "$(status | grep 'tracker_calls_total' || true)"

mkfifo "$WORK/go"
cat >"$WORK/worker.php" <<'PHP'
<?php
// A call that is counted at once, some by hand, and then a wait for the end.
@file_get_contents('http://127.0.0.1:1/');
for ($i = 0; $i < 7; $i++) {
    $span = SwooleTracker\Span::start("work $i");
    if ($i === 6) {
        $span->error(new DomainException('the last one'));
    }
    $span->end();
}
fgets(fopen($argv[1], 'r'));
PHP
"${PHP_RUN[@]}" -d "apm.agent_socket=$SOCKET" -d apm.service_name=worker "$WORK/worker.php" "$WORK/go" &
WORKER=$!
STARTED+=("$WORKER")
exec 7>"$WORK/go"
check 'a process is connected while it runs' says 'tracker_agent_connections 1'
exec 7>&-
wait "$WORKER"
check 'its script is counted' says 'tracker_calls_total{app="worker",kind="internal",system="cli"} 1'
check 'its trace is stored' says 'tracker_agent_segments_stored_total 1'
check 'with all its spans' says 'tracker_agent_spans_stored_total 9'
check 'nothing is shown that is zero' test -z "$(status | grep "^tracker_.* 0$" || true)"

kill_agent KILL
check 'a killed agent is not running' grep -qx 'exit 1' <<<"$(status)"
done_testing
