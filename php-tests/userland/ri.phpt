--TEST--
php --ri says whether user functions are instrumented, and what was set too late
--FILE--
<?php
require __DIR__ . '/helper.inc';
foreach ([[], ['apm.userland_hooks' => '0'], ['apm.enable' => '0', 'apm.trace_functions' => 'f'], ['apm.trace_functions' => 'f']] as $ini) {
    [, $out] = php(['--ri', 'swoole_tracker'], $ini);
    echo preg_match('/User functions => (.*)/', $out, $m) ? $m[1] : $out, "\n";
}
?>
--EXPECT--
armed
off
off
armed
