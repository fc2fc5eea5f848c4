--TEST--
gc_disable(): stays off for the program; cycles are collected at loop ends all the same, with their destructors
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Cycle
{
    public Cycle $self;
    public static int $destroyed = 0;

    public function __construct()
    {
        $this->self = $this;
    }

    public function __destruct()
    {
        self::$destroyed++;
    }
}

gc_disable();
loops(5, function (int $i): void {
    trackerHookMalloc();
    new Cycle();
});
var_dump(gc_enabled());
check_silent();
echo 'destroyed: ', Cycle::$destroyed, "\n";
for ($i = 0; $i < 20_000; $i++) { // more than the collector waits for where it is on
    new Cycle();
}
echo 'outside of loops: ', Cycle::$destroyed - 5, "\n";
--EXPECT--
bool(false)
loops recorded: 4
lines that grow: 0, as planted
destroyed: 5
outside of loops: 0
