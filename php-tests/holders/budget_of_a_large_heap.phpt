--TEST--
The search for blocks keeps to the budget as well, however many blocks there are
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.holder_budget_ms=5
memory_limit=2G
--FILE--
<?php
function main(int $loop): void
{
    trackerHookMalloc();
    if ($loop === 1) {
        for ($n = 0; $n < 4000000; $n++) {
            $GLOBALS['heap'][] = "x$n";
        }
    }
    if ($loop % 4 === 0) {
        $GLOBALS['leak'][] = str_repeat('y', 5000);
    }
}

$slowest = 0;
for ($loop = 0; $loop < 40; $loop++) {
    $begun = hrtime(true);
    main($loop);
    usleep(1); // the record is written here
    if ($loop > 2) {
        $slowest = max($slowest, hrtime(true) - $begun);
    }
}
// A look at all blocks takes ten times as long.
echo $slowest < 35e6 ? 'within the budget' : "$slowest ns", "\n";
--EXPECT--
within the budget
