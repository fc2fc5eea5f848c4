--TEST--
Case 15: a pool of 100, filled by 5 per loop until loop 20, is no leak
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Connection
{
    public function __construct(public string $buffer)
    {
    }
}

class Pool
{
    private array $slots = [];
    private int $next = 0;

    public function put(): void
    {
        $this->slots[$this->next++ % 100] = new Connection(random_bytes(2000)); // POOL
    }
}

$pool = new Pool();
loops(80, function (int $i) use ($pool): void {
    trackerHookMalloc();
    for ($n = 0; $n < 5; $n++) {
        $pool->put();
    }
});
check_silent();
check_verdict('flat', 'POOL');
check_clean_loops(21, withLines: true);
--EXPECT--
loops recorded: 79
lines that grow: 0, as planted
POOL: flat
old report: 79 loops, clean from loop 21 on
