--TEST--
Case 20: memory of two million freed small strings is called fragmentation
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
memory_limit=512M
--FILE--
<?php
require __DIR__ . '/helper.inc';

loops(24, function (int $i): void {
    trackerHookMalloc();
    if ($i === 5) {
        $strings = [];
        for ($n = 0; $n < 2_000_000; $n++) {
            $strings[] = "string $n";
        }
        unset($strings);
    }
});
$process = report();
check_silent($process);
echo 'fragmentation: ', $process['kinds']['fragmentation'] > 50_000_000 ? 'more than 50 MB' : $process['kinds']['fragmentation'], "\n";
echo 'the text says: ', stripos(trackerLeakReport('text'), 'fragmentation') === false ? 'nothing' : 'fragmentation', "\n";
check_clean_loops();
--EXPECT--
loops recorded: 23
lines that grow: 0, as planted
fragmentation: more than 50 MB
the text says: fragmentation
old report: 23 loops, clean from loop 0 on
