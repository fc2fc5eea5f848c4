--TEST--
Case 19: a property that is filled and reset per request is no leak
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Profile
{
    private array $queries = [];

    public function reset(): void
    {
        $this->queries = [];
    }

    public function add(string $sql): void
    {
        $this->queries[] = ['sql' => $sql, 'rows' => strlen($sql)];
    }
}

$profile = new Profile();
loops(40, function (int $i) use ($profile): void {
    trackerHookMalloc();
    $profile->reset();
    for ($n = 0; $n < 20; $n++) {
        $profile->add(str_repeat(chr($n), 64));
    }
});
check_silent();
check_clean_loops(1);
--EXPECT--
loops recorded: 39
lines that grow: 0, as planted
old report: 39 loops, clean from loop 1 on
