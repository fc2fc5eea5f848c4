--TEST--
Destructors of cyclic garbage that yield: run in a coroutine, and no loop gets lost meanwhile
--SKIPIF--
<?php if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/../leak/helper.inc';

class Lazy
{
    public static int $destroyed = 0;
    public static int $outside = 0;
    public static array $kept = [];
    public ?Lazy $self;

    public function __construct()
    {
        $this->self = $this;
    }

    public function __destruct()
    {
        self::$destroyed++;
        if (Co::getCid() < 0) {
            self::$outside++;
        } else {
            Co::sleep(0.005);
        }
        $this->self = null;
        $text = random_bytes(100);
    }
}

function handle(): void
{
    trackerHookMalloc();
    $lazy = new Lazy();
    Lazy::$kept[] = random_bytes(500); // LEAK
    Co::sleep(0.001);
}

Co\run(function (): void {
    for ($i = 0; $i < 100; $i++) {
        go('handle');
        Co::sleep(0.003);
    }
});
echo 'destroyed: ', Lazy::$destroyed, ', outside of coroutines: ', Lazy::$outside, "\n";
check_grows();
--EXPECT--
destroyed: 100, outside of coroutines: 0
loops recorded: 99
lines that grow: 1, as planted
