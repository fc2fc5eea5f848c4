--TEST--
A8: $o->pro[] = $o: the cycle is collected at the end of the loop
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Test
{
    public array $pro = [];
}

function main(int $i): void
{
    trackerHookMalloc();
    $o = new Test();
    $o->pro[] = $o;
}

loops(40, 'main');
check_clean_loops();
check_silent();
echo 'cycles: ', report()['cycles']['objects'] >= 39 ? 'reported' : 'not reported', "\n";
--EXPECT--
old report: 39 loops, clean from loop 0 on
loops recorded: 39
lines that grow: 0, as planted
cycles: reported
