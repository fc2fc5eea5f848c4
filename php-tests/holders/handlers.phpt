--TEST--
Shutdown functions hold their arguments
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.holder_budget_ms=2000
--FILE--
<?php
require __DIR__ . '/holders.inc';

function main(int $i): void
{
    trackerHookMalloc();
    $text = random_bytes(500); // LEAK
    register_shutdown_function(strlen(...), $text);
}

loops(LOOPS, 'main');
echo holder("LEAK", "/string/"), "\n";
--EXPECT--
handler: shutdown function #*, argument #1 (string)
