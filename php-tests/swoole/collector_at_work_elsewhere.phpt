--TEST--
While a destructor of the program's own collection waits, loops wait for the collector
--SKIPIF--
<?php if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/../leak/helper.inc';

class Slow
{
    public static int $done = 0;
    public ?Slow $self;

    public function __construct()
    {
        $this->self = $this;
    }

    public function __destruct()
    {
        Co::sleep(0.1);
        self::$done++;
    }
}

function handle(): void
{
    trackerHookMalloc();
    $garbage = new stdClass();
    $garbage->self = $garbage;
    $garbage->text = str_repeat('x', 1000);
}

Co\run(function (): void {
    go('handle'); // installs the hook
    go(function (): void {
        new Slow();
        gc_collect_cycles();
    });
    $during = 0;
    for ($i = 0; $i < 20; $i++) {
        $during += Slow::$done === 0 ? 1 : 0;
        go('handle');
        Co::sleep(0.001);
    }
    echo $during > 10 ? 'loops ran beside the collector' : "$during loops", "\n";
    while (Slow::$done === 0) {
        Co::sleep(0.01);
    }
    for ($i = 0; $i < 5; $i++) {
        go('handle');
        Co::sleep(0.001);
    }
});
check_silent();
check_clean_loops();
--EXPECT--
loops ran beside the collector
loops recorded: 25
lines that grow: 0, as planted
old report: 25 loops, clean from loop 0 on
