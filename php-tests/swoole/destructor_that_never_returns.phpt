--TEST--
A destructor of garbage that waits for ever: the loops are recorded without the collector
--SKIPIF--
<?php if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/../leak/helper.inc';

class Stuck
{
    public static bool $once = true;
    public ?Stuck $self;

    public function __construct()
    {
        $this->self = $this;
    }

    public function __destruct()
    {
        if (self::$once) {
            self::$once = false;
            (new Co\Channel(1))->pop(60);
        }
    }
}

function handle(int $n): void
{
    trackerHookMalloc();
    if ($n === 5) {
        new Stuck();
    }
    $GLOBALS['kept'][] = random_bytes(500); // LEAK
    Co::sleep(0.001);
}

Co\run(function (): void {
    for ($n = 0; $n < 60; $n++) {
        go('handle', $n);
        Co::sleep($n === 50 ? 5.2 : 0.002);
    }
    echo 'loops in the log while it waits: ', json_decode(trackerLeakReport('json'), true)['processes'][0]['loops'], "\n";
    exit;
});
--EXPECTF--
loops in the log while it waits: 5%d%A
