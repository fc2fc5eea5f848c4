#!/usr/bin/env bash
# shellcheck disable=SC2016,SC1091,SC2119 # $ in PHP code; the library is found at run time; need_fpm needs no modules
# A pool of FPM sets what must be known when the process starts: it is said, and
# nothing else happens.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_fpm

cat >"$WORK/info.php" <<'PHP'
<?php
function named() { return 1; }
named();
ob_start();
phpinfo(INFO_MODULES);
preg_match('~User functions\s*</td><td[^>]*>([^<]*)~', ob_get_clean(), $found);
echo trim($found[1] ?? 'not told');
PHP
fpm_pool late 1 '' 'php_admin_value[apm.trace_functions] = named'
fpm_pool early 1
start() { # pool options...
    start_fpm "$@" -d "apm.agent_socket=$WORK/none.sock"
}
start late -d apm.userland_hooks=0
check 'a pool that comes too late is told so' equal 'not armed at start-up' \
    "$("$PHP" "$HERE/fcgi.php" "$WORK/late.sock" "$WORK/info.php" 1)"
start early -d apm.userland_hooks=0 -d apm.trace_functions=named
check 'set at start-up it is armed' equal 'armed' \
    "$("$PHP" "$HERE/fcgi.php" "$WORK/early.sock" "$WORK/info.php" 1)"
check 'FPM reports no crash' equal '' "$(grep -iE 'signal|core dumped' "$WORK"/*.log || true)"
done_testing
