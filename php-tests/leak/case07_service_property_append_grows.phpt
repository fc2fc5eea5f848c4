--TEST--
Case 7: a property of a shared service that is appended to per request grows
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Tagger
{
    private array $tags = [];

    public function tag(string $name, int $value): void
    {
        $this->tags[] = ['name' => $name, 'value' => $value]; // LEAK
    }
}

class Kernel
{
    public function __construct(private Tagger $tagger)
    {
    }

    public function handle(int $i): void
    {
        trackerHookMalloc();
        $local = array_fill(0, 100, $i);
        $this->tagger->tag('request', count($local));
    }
}

$tagger = new Tagger();
$kernel = new Kernel($tagger);
loops(40, $kernel->handle(...));
check_grows();
check_holder('->tags');
--EXPECT--
loops recorded: 39
lines that grow: 1, as planted
held by: ->tags
