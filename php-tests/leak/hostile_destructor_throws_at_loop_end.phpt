--TEST--
Bad input: cycles whose destructors throw while they are collected at the end of a loop
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Bomb
{
    public static int $destroyed = 0;
    public ?Bomb $self = null;

    public function __destruct()
    {
        self::$destroyed++;
        throw new RuntimeException('from a destructor');
    }
}

function main(int $i): void
{
    trackerHookMalloc();
    $bomb = new Bomb();
    $bomb->self = $bomb;
}

$caught = 0;
for ($i = 0; $i < 40; $i++) {
    try {
        main($i);
        $text = "allocation $i";
        $list = [$text, $i];
    } catch (RuntimeException $e) {
        for (; $e; $e = $e->getPrevious()) {
            $caught++;
        }
    }
}
function last(): void
{
    trackerHookMalloc();
}
try {
    last();
} catch (RuntimeException $e) {
    for (; $e; $e = $e->getPrevious()) {
        $caught++;
    }
}
// Cycles are collected when the loop is over, where the program expects nothing
// to be thrown: what a destructor throws there waits for the next call of
// trackerHookMalloc() and comes out of it. Every exception reaches the program.
echo 'destroyed: ', Bomb::$destroyed >= 20 ? 'many' : Bomb::$destroyed, ', not caught: ', Bomb::$destroyed - $caught, "\n";
check_silent(['loops' => 'some'] + report());
--EXPECT--
destroyed: many, not caught: 0
loops recorded: some
lines that grow: 0, as planted
