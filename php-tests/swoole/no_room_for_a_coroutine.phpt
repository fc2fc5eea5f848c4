--TEST--
At max_coroutine the program keeps its last coroutine, and no warning is raised
--SKIPIF--
<?php if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
function handle(): void
{
    trackerHookMalloc();
    $GLOBALS['kept'][] = str_repeat('x', 100);
}

Co::set(['max_coroutine' => 6]);
Co\run(function (): void {
    for ($n = 0; $n < 4; $n++) {
        go(fn () => Co::sleep(0.05));
    }
    for ($n = 0; $n < 3; $n++) {
        go('handle');
        go(fn () => Co::sleep(0.001)); // the last one that there is room for
        Co::sleep(0.005);
    }
});
echo "end\n";
--EXPECT--
end
