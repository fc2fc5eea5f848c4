--TEST--
The readers do their work before they throw what a destructor threw at a loop's end
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Bomb
{
    public ?Bomb $self;

    public function __destruct()
    {
        throw new DomainException('from a destructor');
    }
}

function main(): void
{
    trackerHookMalloc();
    $bomb = new Bomb();
    $bomb->self = $bomb;
}

/** Runs one loop, then the reader. */
function attempt(string $name, callable $reader): void
{
    ob_start();
    ob_start(fn (string $text): string => str_replace('Loop', 'Round', $text), 1); // runs while it prints
    try {
        main();
        $reader();
        $thrown = 'nothing';
    } catch (DomainException $e) {
        $thrown = $e->getMessage();
    }
    ob_end_flush();
    $text = ob_get_clean();
    echo "$name: ", str_contains($text, 'Round 0') ? 'printed' : 'nothing printed', ", thrown: $thrown\n";
}

main();
attempt('trackerAnalyzeLeak', 'trackerAnalyzeLeak');
attempt('trackerAnalyzeMalloc', 'trackerAnalyzeMalloc');
attempt('trackerLeakReport', 'trackerLeakReport');
attempt('an empty log', function (): void {
    trackerHookMalloc();
    trackerCleanLeak();
    trackerAnalyzeLeak();
});
--EXPECT--
trackerAnalyzeLeak: printed, thrown: from a destructor
trackerAnalyzeMalloc: printed, thrown: from a destructor
trackerLeakReport: nothing printed, thrown: from a destructor
an empty log: nothing printed, thrown: from a destructor
