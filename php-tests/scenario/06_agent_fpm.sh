#!/usr/bin/env bash
# shellcheck disable=SC2016,SC1091,SC2119 # $ in PHP code; the library is found at run time; start_agent needs no options
# FPM with the real agent: what it tells equals what was sent, through recycled
# workers, a reload, fatal errors, time-outs, early answers and output buffers;
# sampling thins out the ordinary traces only.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$HERE/agent.sh"
need_fpm "php$PHP_SERIES-sqlite3"
REQUESTS="${REQUESTS:-20000}"

cat >"$WORK/page.php" <<'PHP'
<?php
echo 'page';
PHP
cat >"$WORK/database.php" <<'PHP'
<?php
$db = new PDO('sqlite::memory:');
$db->exec('CREATE TABLE t (a)');
echo 'database';
PHP
cat >"$WORK/slow.php" <<'PHP'
<?php
usleep(320000);
echo 'slow';
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
cat >"$WORK/buffer.php" <<'PHP'
<?php
ob_start(fn ($text) => strtoupper($text));
echo 'buffer';
exit;
PHP
cat >"$WORK/early.php" <<'PHP'
<?php
echo 'early';
fastcgi_finish_request();
usleep(400000);
PHP
# The pool's word, as in production.
fpm_pool fpm 2 "pid = $WORK/fpm.pid
process_control_timeout = 5s" "pm.max_requests = 2500
php_admin_value[apm.agent_socket] = $SOCKET
php_admin_value[apm.service_name] = shop
php_admin_value[apm.sampling_rate] = 10
php_admin_value[apm.slow_ms] = 300"

start_agent
load_modules pdo pdo_sqlite
check 'FPM starts' start_fpm fpm "${MODULES[@]}"
request() { # page count
    "$PHP" "$HERE/fcgi.php" "$WORK/fpm.sock" "$WORK/$1.php" "$2" "/$1"
}

check 'errors answer' equal 30 "$(request fatal 30 | wc -l)"
check 'slow ones answer' equal 12 "$(request slow 12 | grep -c '^slow$')"
check 'early ones answer' equal 3 "$(request early 3 | grep -c '^early$')"
check 'buffered ones answer' equal 9 "$(request buffer 9 | grep -c '^BUFFER$')"
request timeout 1 >/dev/null
began=$SECONDS
half=$((REQUESTS / 2))
check "$half pages answer" equal "$half" "$(request page "$half" | grep -c '^page$')"
kill -USR2 "$FPM_PID" # reloads
check 'pages answer while the pool reloads' equal 30 "$(request database 30 | grep -c '^database$')"
check "$half more pages answer" equal "$half" "$(request page "$half" | grep -c '^page$')"
echo "# $REQUESTS requests in $((SECONDS - began)) s"
check 'the pool was reloaded' grep -q 'reloading' "$WORK/fpm.log"

all=$((REQUESTS + 30 + 12 + 3 + 9 + 1 + 30))
check 'every request is counted, whatever is sampled' equal "$all" "$(eventually "$all" 'echo total("calls");')"
check 'every error, one of them a time-out' equal '31 1' "$(ask 'echo total("errors"), " ", total("timeouts");')"
check 'every call of the database' equal 60 "$(ask 'echo total("calls", "client");')"
check 'by endpoint' equal "GET /buffer 9, GET /database 30, GET /early 3, GET /fatal 30, GET /page $((2 * half)), GET /slow 12, GET /timeout 1" \
    "$(ask 'foreach (api("apps/shop/endpoints")["endpoints"] as $e) { $e["kind"] === "server" and $n[$e["endpoint"]] = ($n[$e["endpoint"]] ?? 0) + $e["calls"]; }
        ksort($n); echo implode(", ", array_map(fn ($k, $v) => "$k $v", array_keys($n), $n));')"
check 'every failed trace is kept' equal 31 "$(ask 'echo count(traces("app=shop&status=error"));')"
check 'every slow one' equal 12 "$(ask 'echo count(traces("app=shop&endpoint=" . urlencode("GET /slow")));')"
check 'the exception is named' equal 'exception DomainException lost' \
    "$(ask '$t = api("traces/" . traces("endpoint=" . urlencode("GET /fatal"))[0]["trace_id"]); $e = $t["spans"][0]["events"][0];
        echo $e["name"], " ", $e["attributes"]["exception.type"], " ", $e["attributes"]["exception.message"];')"
check 'an early answer counts until the answer' equal yes \
    "$(ask 'foreach (api("apps/shop/endpoints")["endpoints"] as $e) { if ($e["endpoint"] === "GET /early") { echo $e["max_us"] < 300000 ? "yes" : $e["max_us"]; } }')"
# A page that took longer than slow_ms on a busy machine is not ordinary.
kept=$(ask 'echo count(array_filter(traces("app=shop&endpoint=" . urlencode("GET /page")), fn ($t) => $t["duration_us"] <= 300000));')
echo "# kept $kept of $REQUESTS ordinary traces"
check '10 % of the ordinary ones are kept, ± 1 %' test "$kept" -ge $((REQUESTS * 9 / 100)) -a "$kept" -le $((REQUESTS * 11 / 100))
check 'kept traces have all their spans' equal 3 \
    "$(ask 'echo implode(" ", array_unique(array_column(traces("endpoint=" . urlencode("GET /database")), "spans")));')"
check 'workers come and go' test "$(ask 'echo count(api("processes")["processes"]);')" -ge 6
check 'each by its name' equal 'shop fpm-fcgi' \
    "$(ask 'echo implode(",", array_unique(array_map(fn ($p) => "$p[app] $p[sapi]", api("processes")["processes"])));')"
check 'nothing is lost' equal '0 0 0' "$(ask 'echo lost("queue_full"), " ", lost("stats_calls"), " ", lost("span_limit");')"
kill -QUIT "$FPM_PID"
wait "$FPM_PID" 2>/dev/null || true
check 'FPM reports no crash' equal '' "$(grep -iE 'SIGSEGV|SIGABRT|SIGBUS|core dumped' "$WORK/fpm.log" "$WORK/fpm.out" || true)"
done_testing
