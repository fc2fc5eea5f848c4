--TEST--
Case 13: $this keeps an exception whose trace holds $this: a cycle, not a leak
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
zend.exception_ignore_args=0
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Promise
{
    private ?Throwable $reason = null;

    public function run(): void
    {
        try {
            $this->step($this, random_bytes(2000));
        } catch (LogicException $e) {
            $this->reason = $e;
        }
    }

    private function step(self $me, string $body): never
    {
        throw new LogicException('rejected');
    }
}

function main(int $i): void
{
    trackerHookMalloc();
    (new Promise())->run();
}

loops(40, 'main');
check_silent();
check_clean_loops();
$cycles = report()['cycles'];
echo 'cycles: ', $cycles['objects'] >= 39 && $cycles['bytes'] >= 39 * 2000 ? 'reported' : json_encode($cycles), "\n";
--EXPECT--
loops recorded: 39
lines that grow: 0, as planted
old report: 39 loops, clean from loop 0 on
cycles: reported
