--TEST--
Exact lines: an included file allocates on its own lines
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

function main(int $i): void
{
    trackerHookMalloc();
    keep(
        include __DIR__ . '/included.inc' // ALLOC - the list of included files, without opcache
    );
    keep(eval('return "evaluated $i";')); // ALLOC
}

loops(20, 'main');

// The compiler allocates for every include and eval; that is not of kind "code".
check_lines(__DIR__ . '/included.inc');
--EXPECTF--
loops recorded: 19
lines with allocations: %d, as marked
