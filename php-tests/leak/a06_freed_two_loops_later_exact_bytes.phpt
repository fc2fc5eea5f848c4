--TEST--
A6: freed two loops later and set again: the exact bytes of the original's report
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.leak_verdicts=0
--FILE--
<?php
// The test's own pid and path are the only bytes that differ from run to run.
class Test
{
    public static $pro = null;
}

function main(int $i): void
{
    trackerHookMalloc();
    if ($i % 2 === 0) {
        return;
    }
    Test::$pro = null;
    Test::$pro = str_repeat('big string', 1024 + $i % 2 - 1);
}

Test::$pro = null; // the table of statics comes with the first access
for ($i = 0; $i < 8; $i++) {
    main($i);
}
ob_start();
trackerAnalyzeLeak();
echo strtr(ob_get_clean(), ['[' . getmypid() . ' (' => '[PID (', __FILE__ => 'FILE', "\e" => '<E>']);
echo "<end>\n"; // run-tests.php trims what it compares
array_map('unlink', glob(ini_get('apm.leak_log') . '*'));
--EXPECT--
[PID (Loop 0)] FILE:15 => <E>[31m[12288]<E>[0m
[PID (Loop 0)] ❌ <E>[31m This Loop TotalLeak: [12288]<E>[0m


[PID (Loop 1)] ✅ Nice!! No Leak Were Detected In This Loop


[PID (Loop 2)] FILE:14 => <E>[31m[-12288]<E>[0m
<E>[36m               Free Pre (Loop 0) : FILE:15 => [12288]<E>[0m
[PID (Loop 2)] FILE:15 => <E>[31m[12288]<E>[0m
[PID (Loop 2)] ✅ Nice!! No Leak Were Detected In This Loop


[PID (Loop 3)] ✅ Nice!! No Leak Were Detected In This Loop


[PID (Loop 4)] FILE:14 => <E>[31m[-12288]<E>[0m
<E>[36m               Free Pre (Loop 2) : FILE:15 => [12288]<E>[0m
[PID (Loop 4)] FILE:15 => <E>[31m[12288]<E>[0m
[PID (Loop 4)] ✅ Nice!! No Leak Were Detected In This Loop


[PID (Loop 5)] ✅ Nice!! No Leak Were Detected In This Loop


[PID (Loop 6)] FILE:14 => <E>[31m[-12288]<E>[0m
<E>[36m               Free Pre (Loop 4) : FILE:15 => [12288]<E>[0m
[PID (Loop 6)] FILE:15 => <E>[31m[12288]<E>[0m
[PID (Loop 6)] ✅ Nice!! No Leak Were Detected In This Loop


<end>
