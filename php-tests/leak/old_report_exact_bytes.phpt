--TEST--
The exact bytes of the original's report: a leak, a clean loop and a growth list
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.leak_verdicts=0
--FILE--
<?php
function main(int $i): void
{
    trackerHookMalloc();
    static $kept = null;
    if ($i === 2) {
        $kept = str_repeat(chr(65 + $i), 12 * 1024 - 32);
    }
    $a = str_repeat(chr(65 + $i), 4096 * ($i + 1) - 25);
    $b = str_repeat(chr(65 + $i), 8192 * ($i + 1) - 25);
}

for ($i = 0; $i < 7; $i++) {
    main($i);
}
ob_start();
trackerAnalyzeLeak();
echo strtr(ob_get_clean(), ['[' . getmypid() . ' (' => '[PID (', __FILE__ => 'FILE', "\e" => '<E>']);
echo "<end>\n"; // run-tests.php trims what it compares
array_map('unlink', glob(ini_get('apm.leak_log') . '*'));
--EXPECT--
[PID (Loop 0)] ✅ Nice!! No Leak Were Detected In This Loop


[PID (Loop 1)] FILE:7 => <E>[31m[12288]<E>[0m
[PID (Loop 1)] ❌ <E>[31m This Loop TotalLeak: [12288]<E>[0m


[PID (Loop 2)] ✅ Nice!! No Leak Were Detected In This Loop


[PID (Loop 3)] ✅ Nice!! No Leak Were Detected In This Loop


[PID (Loop 4)] ✅ Nice!! No Leak Were Detected In This Loop


[PID (Loop 5)] ✅ Nice!! No Leak Were Detected In This Loop


<E>[33m The Possible Leak As Malloc Size Keep Growth:
<E>[0m FILE:9 => <E>[31m Growth Times : [5];  Growth Size : [20480]<E>[0m
 FILE:10 => <E>[31m Growth Times : [5];  Growth Size : [40960]<E>[0m

<end>
