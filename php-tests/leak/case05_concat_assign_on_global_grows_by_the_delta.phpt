--TEST--
Case 5: .= on a global is reported with what it adds, not with the whole string
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$GLOBALS['text'] = '';

function main(int $i): void
{
    trackerHookMalloc();
    $GLOBALS['text'] .= str_repeat(chr($i), 100); // LEAK
}

loops(80, 'main');
check_grows();
$site = sites_at(report(), marked()[0])[0];
$slope = $site['bytes_per_loop'];
echo 'bytes per loop: ', $slope > 80 && $slope < 140 ? 'about 100' : $slope, "\n";
echo 'live bytes: ', abs($site['live_bytes'] - 7900) <= 4096 ? 'about 7900' : $site['live_bytes'], "\n";
--EXPECT--
loops recorded: 79
lines that grow: 1, as planted
bytes per loop: about 100
live bytes: about 7900
