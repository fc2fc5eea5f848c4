--TEST--
The original's report: a block that grows loops later is charged as the difference, where it grows; a late free names its birth
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.leak_verdicts=0
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Kept
{
    public static string $text = '';
}

function main(int $i): void
{
    trackerHookMalloc();
    if ($i === 1) {
        Kept::$text = str_repeat(chr($i), 4000); // BORN
    } elseif ($i === 4) {
        Kept::$text .= str_repeat(chr($i), 4096); // GROWN
    } elseif ($i === 7) {
        Kept::$text = ''; // FREED
    }
}

Kept::$text = ''; // the table of statics comes with the first access
loops(10, 'main');
$names = array_combine([marked('BORN')[0], marked('GROWN')[0], marked('FREED')[0]], ['BORN', 'GROWN', 'FREED']);
foreach (read_old_report(old_report())['blocks'] as $block) {
    foreach ($block['sites'] as $site) {
        echo "loop {$block['loop']}: ", $names[$site['where']], " => {$site['size']}\n";
        foreach ($site['frees'] as $free) {
            echo "    Free Pre (Loop {$free['loop']}) : ", $names[$free['where']], " => {$free['size']}\n";
        }
    }
}
--EXPECT--
loop 0: BORN => 4096
loop 3: GROWN => 4096
loop 6: FREED => -8192
    Free Pre (Loop 0) : BORN => 8192
