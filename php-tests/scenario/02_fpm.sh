#!/usr/bin/env bash
# shellcheck disable=SC2016,SC1091,SC2119 # $ in PHP code; the library is found at run time; need_fpm needs no modules
# trackerHookMalloc() under FPM: no output, no hook, one record per process, and
# the report says that there is nothing to find.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_fpm

mkdir -m 1777 "$WORK/log"
cat >"$WORK/page.php" <<'PHP'
<?php
function main(): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat('x', 10000);
}
main();
main();
main();
echo 'pid ', getmypid();
PHP
fpm_pool fpm 2
check 'FPM starts with the extension' start_fpm fpm -d apm.enable_malloc_hook=1 -d "apm.leak_log=$WORK/log/trackerleak"

request() { # count: prints the bodies
    "$PHP" "$HERE/fcgi.php" "$WORK/fpm.sock" "$WORK/page.php" "$1"
}
size() { cat "$WORK/log/"* 2>/dev/null | wc -c; }

request 40 >"$WORK/answers"
check 'every page answers' equal 40 "$(wc -l <"$WORK/answers")"
check 'nothing but the page is printed' equal '' "$(grep -vx 'pid [0-9]*' "$WORK/answers" || true)"
workers=$(sort -u "$WORK/answers" | wc -l)
check 'both workers answered' equal 2 "$workers"

first=$(size)
request 40 >/dev/null
check 'more requests write nothing more' equal "$first" "$(size)"

json() { # PHP expression on $report
    "${PHP_RUN[@]}" -d "apm.leak_log=$WORK/log/trackerleak" -r '$report = json_decode(trackerLeakReport("json"), true);
        foreach (glob($argv[1] . "/log/trackerleak.[0-9]*") as $file) { // workers of another user
            $report["processes"] = array_merge($report["processes"], json_decode(trackerLeakReport("json", $file), true)["processes"]);
        }
        $report["processes"] = array_values(array_column($report["processes"], null, "pid"));
        '"$1" -- "$WORK"
}
check 'one process per worker is in the log' equal "$workers" "$(json 'echo count($report["processes"]);')"
check 'known as FPM, without loops or allocations' equal 'fpm-fcgi 0 0' \
    "$(json 'echo implode("\n", array_unique(array_map(fn ($p) => "$p[sapi] $p[loops] $p[allocations]", $report["processes"])));')"
check 'the report says why' equal yes \
    "$(json 'echo preg_match("/FPM/", implode(" ", array_merge(...array_column($report["processes"], "notes")))) ? "yes" : "no";')"
check 'FPM reports no error' equal '' "$(grep -iE 'warning|error|signal' "$WORK/fpm.log" "$WORK/fpm.out" || true)"

# The user must hear of it, and once: the workers' stderr is nobody's.
fpm_pool unwritable 2
: >"$WORK/php_errors"
chmod 666 "$WORK/php_errors"
check 'FPM starts where the log cannot be written' start_fpm unwritable -d apm.enable_malloc_hook=1 \
    -d apm.leak_log=/nonexistent/trackerleak -d "error_log=$WORK/php_errors"
"$PHP" "$HERE/fcgi.php" "$WORK/unwritable.sock" "$WORK/page.php" 40 >"$WORK/answers"
check 'every page answers there, too' equal 40 "$(grep -cx 'pid [0-9]*' "$WORK/answers")"
check 'each worker says so once, in the error log' equal "$(sort -u "$WORK/answers" | wc -l)" \
    "$(grep -c 'swoole_tracker: the leak log cannot be written: /nonexistent/trackerleak: No such file' "$WORK/php_errors")"
done_testing
