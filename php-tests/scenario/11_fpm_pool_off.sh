#!/usr/bin/env bash
# shellcheck disable=SC2016,SC1091 # $ in PHP code; the library is found at run time
# Tracing is off in one pool of FPM only. What that pool compiles is left as it is;
# but where opcache shares it with a pool that traces, that pool must find its
# functions instrumented, whoever compiled them.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_packages "php$PHP_SERIES-fpm"
FPM=$(command -v "php-fpm$PHP_SERIES" || echo "/usr/sbin/php-fpm$PHP_SERIES")
[[ -x $FPM ]] || skip "no $FPM"

chmod 755 "$WORK"
mkdir -m 777 "$WORK/seen"
cat >"$WORK/info.php" <<'PHP'
<?php
ob_start();
phpinfo(INFO_MODULES);
preg_match('~User functions\s*</td><td[^>]*>([^<]*)~', ob_get_clean(), $found);
echo trim($found[1] ?? 'not told');
PHP
{
    echo '<?php'
    for n in {1..300}; do echo "function named$n() { return $n; }"; done
} >"$WORK/many.php"
# What an instrumented body takes more than a plain one shows.
cat >"$WORK/size.php" <<'PHP'
<?php
$before = memory_get_usage();
include __DIR__ . '/many.php';
echo memory_get_usage() - $before;
PHP
printf '<?php\nfunction named() { return 1; }\necho named();\n' >"$WORK/shared.php"

pool() { # name lines...
    echo "[$1]"
    ((EUID == 0)) && printf '%s\n' 'user = www-data' 'group = www-data' 'listen.mode = 0666'
    printf '%s\n' "listen = $WORK/$1.sock" 'pm = static' 'pm.max_children = 1' "${@:2}"
}
start() { # name options...; its pools are in name.conf
    local name=$1 pool
    shift
    "$FPM" -F -n -y "$WORK/$name.conf" "$@" >"$WORK/$name.out" 2>&1 &
    STARTED+=($!)
    while read -r pool; do
        for _ in {1..100}; do
            [[ -S $pool ]] && break
            sleep 0.05
        done
    done < <(sed -n 's/^listen = //p' "$WORK/$name.conf")
}
ask() { "$PHP" "$HERE/fcgi.php" "$WORK/$1.sock" "$WORK/$2.php" 1; } # pool script
ours=(-d "extension=$EXT" -d "apm.agent_socket=$WORK/none.sock" -d 'apm.trace_functions="*"')

{
    printf '[global]\nerror_log = %s/own.log\n' "$WORK"
    pool plain-off 'php_admin_value[apm.enable] = 0'
    pool plain-on
} >"$WORK/own.conf"
start own "${ours[@]}"
{
    printf '[global]\nerror_log = %s/without.log\n' "$WORK"
    pool without
} >"$WORK/without.conf"
start without
check 'a pool that is off says so' equal 'off, enable is 0' "$(ask plain-off info)"
check 'the other one is armed' equal 'armed' "$(ask plain-on info)"
without=$(ask without size)
check 'what it compiles is as without the extension' equal "$without" "$(ask plain-off size)"
check 'what the other one compiles is not' test "$without" -lt "$(ask plain-on size)"

if "$PHP" -n -d zend_extension=opcache -r 'exit((int) !extension_loaded("Zend OPcache"));' 2>/dev/null; then
    {
        printf '[global]\nerror_log = %s/shared.log\n' "$WORK"
        pool shared-off 'php_admin_value[apm.enable] = 0'
        pool shared-on "php_admin_value[apm.userland_log] = $WORK/seen/log"
    } >"$WORK/shared.conf"
    start shared -d zend_extension=opcache -d opcache.enable=1 -d opcache.file_update_protection=0 "${ours[@]}"
    check 'with opcache, it says for whom it is armed' equal \
        'armed for others that opcache shares code with, here enable is 0' "$(ask shared-off info)"
    check 'it compiles a script' equal 1 "$(ask shared-off shared)"
    check 'the other one runs it' equal 1 "$(ask shared-on shared)"
    check 'and hears of its functions' grep -q named "$WORK/seen/log"
fi
check 'FPM reports no crash' equal '' "$(grep -iE 'signal|core dumped' "$WORK"/*.log || true)"
done_testing
