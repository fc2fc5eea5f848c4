--TEST--
An application that switched the cycle collector off keeps it off
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

gc_disable();
loops(5, function (int $i): void {
    trackerHookMalloc();
    $a = new stdClass();
    $a->self = $a;
});
var_dump(gc_enabled());
--EXPECT--
bool(false)
