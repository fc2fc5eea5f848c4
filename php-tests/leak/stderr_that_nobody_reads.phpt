--TEST--
A stderr that cannot be written to: no exception, the rest is said
--SKIPIF--
<?php if (!is_writable('/dev/full')) die('skip no /dev/full');
--INI--
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';
foreach (['trackerAnalyzeLeak();', 'trackerAnalyzeMalloc();', 'trackerCleanLeak();'] as $call) {
    [$status, $out] = php(['-r', "$call echo 'alive';"], first: 'exec 2>/dev/full;');
    echo "$call $out $status\n";
}
--EXPECT--
trackerAnalyzeLeak(); alive 0
trackerAnalyzeMalloc(); alive 0
trackerCleanLeak(); alive 0
