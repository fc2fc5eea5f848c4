--TEST--
Coroutines that calculate are not made to give way when a loop of another one is over
--SKIPIF--
<?php if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/../leak/helper.inc';

/** The main function. */
function work(): void
{
    trackerHookMalloc();
    $data = [];
    for ($n = 0; $n < 500; $n++) {
        $data[] = str_repeat('a', 100);
    }
}

/**
 * Swoole takes every interrupt of the VM for an order to let others run if the
 * coroutine has run for long, and leaves the moment from which it counts
 * uninitialised: fills free memory with "long ago".
 */
function long_ago(): void
{
    $all = [];
    foreach ([320, 384, 448, 512, 640, 768] as $bin) {
        for ($n = 0; $n < 100; $n++) {
            $all[] = str_repeat("\0", $bin - 32);
        }
    }
}

/** Runs on a CPU; whether others ran meanwhile. */
function calculate(int $id): bool
{
    global $running;
    $running = $id;
    $others = false;
    for ($turn = 0; $turn < 5; $turn++) {
        go('work');
        $others = $others || $running !== $id;
        for ($n = 0; $n < 1000; $n++) {
            $text = str_repeat('b', $n % 50 + 1);
            $others = $others || $running !== $id;
        }
        $running = $id;
    }
    return $others;
}

function twenty(): void
{
    long_ago();
    for ($id = 1; $id <= 20; $id++) {
        go(function () use ($id): void {
            global $disturbed;
            $disturbed += (int) calculate($id);
        });
    }
}

$disturbed = 0;
Co\run('twenty');
echo "in the event loop: $disturbed of 20 disturbed\n";
$disturbed = 0;
twenty();
Swoole\Event::wait();
echo "without: $disturbed of 20 disturbed\n";
check_silent();
--EXPECT--
in the event loop: 0 of 20 disturbed
without: 0 of 20 disturbed
loops recorded: 199
lines that grow: 0, as planted
