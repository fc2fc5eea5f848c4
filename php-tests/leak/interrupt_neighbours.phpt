--TEST--
Functions of others for the VM's interrupts are all called, whoever came first
--EXTENSIONS--
ffi
posix
--SKIPIF--
<?php if (!function_exists('pcntl_signal')) die('skip pcntl is not loaded');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
ffi.enable=1
--FILE--
<?php
require __DIR__ . '/helper.inc';

// Once as always, and once so that ours is there before the JIT starts.
if (!isset($argv[1])) {
    foreach ([0, 1] as $jit) {
        [, $out] = php([__FILE__, 'run'], ['apm.leak_jit' => $jit]);
        echo "leak_jit=$jit\n$out";
    }
    exit;
}
// The engine has one function for interrupts: an extension that wants some puts
// its own in place and calls from there what it found. Here: pcntl before us,
// then two neighbours (in PHP) on top of ours, while ours goes on top again for
// every loop.
$php = FFI::cdef('void (*zend_interrupt_function)(void *);');
pcntl_async_signals(true);
$signals = 0;
pcntl_signal(SIGUSR1, function () use (&$signals) {
    $signals++;
});
function main(int $i): void
{
    trackerHookMalloc();
    $GLOBALS['kept'][] = str_repeat('x', 1000);
}
/** Loops and signals; check points in between. */
function run(): void
{
    global $signals, $called;
    $signals = 0;
    $called = ['first' => 0, 'second' => 0];
    for ($i = 0; $i < 50; $i++) {
        main($i);
        posix_kill(posix_getpid(), SIGUSR1);
        for ($n = 0; $n < 10; $n++) {
            $text = "a$n";
        }
    }
    echo "signals: $signals of 50";
    foreach (array_filter($called) as $who => $times) {
        echo ", $who: ", $times >= 50 ? 'called' : "called $times times only";
    }
    echo "\n";
}
function neighbour(FFI $php, string $name): void
{
    global $called;
    $found = clone $php->zend_interrupt_function;
    $php->zend_interrupt_function = function ($frame) use ($found, $name) {
        $GLOBALS['called'][$name]++;
        $found($frame);
    };
}
main(0);
main(1);
run();
neighbour($php, 'first');
run();
neighbour($php, 'second');
run();
$php->zend_interrupt_function = null;
--EXPECT--
leak_jit=0
signals: 50 of 50
signals: 50 of 50, first: called
signals: 50 of 50, first: called, second: called
leak_jit=1
signals: 50 of 50
signals: 50 of 50, first: called
signals: 50 of 50, first: called, second: called
