#!/usr/bin/env bash
# shellcheck disable=SC2016,SC1091 # $ in PHP code; the library is found at run time
# A pool of FPM sets what must be known when the process starts: it is said, and
# nothing else happens.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_packages "php$PHP_SERIES-fpm"
FPM=$(command -v "php-fpm$PHP_SERIES" || echo "/usr/sbin/php-fpm$PHP_SERIES")
[[ -x $FPM ]] || skip "no $FPM"

chmod 755 "$WORK"
cat >"$WORK/info.php" <<'PHP'
<?php
function named() { return 1; }
named();
ob_start();
phpinfo(INFO_MODULES);
preg_match('~User functions\s*</td><td[^>]*>([^<]*)~', ob_get_clean(), $found);
echo trim($found[1] ?? 'not told');
PHP
for pool in late early; do
    {
        echo '[global]'
        echo "error_log = $WORK/$pool.log"
        echo '[www]'
        ((EUID == 0)) && echo -e 'user = www-data\ngroup = www-data\nlisten.mode = 0666'
        echo "listen = $WORK/$pool.sock"
        echo 'pm = static'
        echo 'pm.max_children = 1'
        [[ $pool == early ]] || echo 'php_admin_value[apm.trace_functions] = named'
    } >"$WORK/$pool.conf"
done

start() { # pool options...
    local pool=$1
    shift
    "$FPM" -F -n -y "$WORK/$pool.conf" -d "extension=$EXT" -d "apm.agent_socket=$WORK/none.sock" "$@" \
        >"$WORK/$pool.out" 2>&1 &
    STARTED+=($!)
    for _ in {1..100}; do
        [[ -S $WORK/$pool.sock ]] && break
        sleep 0.05
    done
}
start late -d apm.userland_hooks=0
check 'a pool that comes too late is told so' equal 'not armed at start-up' \
    "$("$PHP" "$HERE/fcgi.php" "$WORK/late.sock" "$WORK/info.php" 1)"
start early -d apm.userland_hooks=0 -d apm.trace_functions=named
check 'set at start-up it is armed' equal 'armed' \
    "$("$PHP" "$HERE/fcgi.php" "$WORK/early.sock" "$WORK/info.php" 1)"
check 'FPM reports no crash' equal '' "$(grep -iE 'signal|core dumped' "$WORK"/*.log || true)"
done_testing
