#!/usr/bin/env bash
# shellcheck disable=SC2016,SC1091 # $ in PHP code; the library is found at run time
# FPM with tracing: every request is counted and arrives; fatal errors, time-outs,
# exit, early answers and output buffers; a worker that is recycled loses nothing.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_fpm "php$PHP_SERIES-sqlite3"
[[ -x ${RECEIVER:-} ]] || skip 'no receiver: set RECEIVER'

cat >"$WORK/page.php" <<'PHP'
<?php
$db = new PDO('sqlite::memory:');
$db->exec('CREATE TABLE t (a)');
echo 'page';
PHP
cat >"$WORK/fatal.php" <<'PHP'
<?php
ini_set('display_errors', 0);
function f() { throw new DomainException('lost'); }
f();
PHP
cat >"$WORK/timeout.php" <<'PHP'
<?php
ini_set('display_errors', 0);
set_time_limit(1);
while (true);
PHP
cat >"$WORK/exit.php" <<'PHP'
<?php
ob_start();
echo 'left';
exit;
PHP
cat >"$WORK/early.php" <<'PHP'
<?php
echo 'early';
fastcgi_finish_request();
usleep(150000);
PHP
fpm_pool fpm 2 '' 'pm.max_requests = 7'

mkfifo "$WORK/stop"
"$RECEIVER" "$WORK/agent.sock" <"$WORK/stop" >"$WORK/records" &
RECEIVER_PID=$!
STARTED+=("$RECEIVER_PID")
exec 9>"$WORK/stop"
for _ in {1..100}; do
    [[ -S $WORK/agent.sock ]] && break
    sleep 0.05
done
chmod 777 "$WORK/agent.sock"

load_modules pdo pdo_sqlite
check 'FPM starts with tracing' start_fpm fpm "${MODULES[@]}" -d "apm.agent_socket=$WORK/agent.sock"

request() { # page count
    "$PHP" "$HERE/fcgi.php" "$WORK/fpm.sock" "$WORK/$1.php" "$2"
}
check '60 pages are answered' equal 60 "$(request page 60 | grep -c '^page$')"
request fatal 3 >/dev/null
request timeout 1 >/dev/null
check 'exit answers' equal 3 "$(request exit 3 | grep -c '^left$')"
check 'early answers' equal 3 "$(request early 3 | grep -c '^early$')"
sleep 2.5
kill -QUIT "$FPM_PID"
wait "$FPM_PID" 2>/dev/null || true
sleep 0.3
exec 9>&-
wait "$RECEIVER_PID" 2>/dev/null || true

ask() { # PHP expression on $segments and $rows
    "$PHP" -n -r '
        $segments = $rows = [];
        foreach (file($argv[1]) as $line) {
            $record = json_decode($line, true);
            if (($record["kind"] ?? "") === "segment") {
                $record["script"] = basename(end($record["spans"])["attributes"]["code.file.path"] ?? "", ".php");
                $record["root"] = end($record["spans"]);
                $segments[] = $record;
            } elseif (($record["kind"] ?? "") === "stats") {
                foreach ($record["rows"] as $row) {
                    $rows[] = $row;
                }
            }
        }
        $of = fn ($script) => array_values(array_filter($segments, fn ($s) => $s["script"] === $script));
        $sum = fn ($field, $kind = 2) => array_sum(array_map(fn ($r) => $r["span_kind"] === $kind ? $r[$field] : 0, $rows));
        '"$1" -- "$WORK/records"
}
check 'every request is counted' equal 70 "$(ask 'echo $sum("calls");')"
check 'errors are counted' equal '4 1' "$(ask 'echo $sum("errors"), " ", $sum("timeouts");')"
check 'every call of the database is counted' equal 120 "$(ask 'echo $sum("calls", 3);')"
check 'every trace arrives, with its spans' equal '60 3' \
    "$(ask 'echo count($of("page")), " ", implode(" ", array_unique(array_map(fn ($s) => count($s["spans"]), $of("page"))));')"
check 'the exception is named' equal 'DomainException lost' \
    "$(ask '$a = $of("fatal")[0]["root"]["events"][0]["attributes"]; echo $a["exception.type"], " ", $a["exception.message"];')"
check 'a time-out is an error' equal 'Error 500' \
    "$(ask '$r = $of("timeout")[0]["root"]; echo $r["status"], " ", $r["attributes"]["http.response.status_code"];')"
check 'exit is none' equal '3 Unset' "$(ask 'echo count($of("exit")), " ", $of("exit")[0]["root"]["status"];')"
check 'an early answer counts until the answer' equal 'yes' \
    "$(ask 'echo max(array_map(fn ($r) => $r["timeouts"] || $r["errors"] ? 0 : $r["max_us"], array_filter($rows, fn ($r) => $r["span_kind"] === 2))) < 140000 ? "yes" : "no";')"
check 'workers were recycled' test "$(grep -c '"hello"' "$WORK/records")" -gt 4
check 'FPM reports no crash' equal '' "$(grep -iE 'signal|core dumped' "$WORK/fpm.log" "$WORK/fpm.out" | grep -v 'SIGQUIT\|signal 3' || true)"
done_testing
