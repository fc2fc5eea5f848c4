--TEST--
Case 32: ten thousand loops of generators, destructors, exceptions, cycles and fibers
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Noisy
{
    public static array $window = [];
    public ?object $other = null;

    public function __construct(private string $text)
    {
    }

    public function __destruct()
    {
        // Allocates, frees and keeps while the main function is unwound.
        self::$window[strlen($this->text) % 7] = $this->text . 'x';
        if (strlen($this->text) % 11 === 0) {
            throw new DomainException('from a destructor');
        }
    }
}

function numbers(int $n): Generator
{
    try {
        for ($i = 0; $i < $n; $i++) {
            yield "key $i" => str_repeat(chr($i), $i);
        }
    } finally {
        $cleanup = range(0, $n);
    }
}

function main(int $i): ?Noisy
{
    trackerHookMalloc();
    mt_srand($i);
    $noisy = new Noisy(str_repeat('n', mt_rand(1, 60)));
    switch (mt_rand(0, 6)) {
        case 0:
            foreach (numbers(10) as $value) {
                if (strlen($value) > 5) {
                    break; // the generator is destroyed half way
                }
            }
            return null;
        case 1:
            $noisy->other = $noisy;
            return null;
        case 2:
            throw new RuntimeException("loop $i");
        case 3:
            $fiber = new Fiber(function () use ($noisy): void {
                $text = Fiber::suspend(random_bytes(100));
                Fiber::suspend($text . $text);
            });
            $fiber->start();
            $fiber->resume('some text');
            return null; // destroyed while suspended
        case 4:
            $list = array_map(fn (int $n) => [$n => "value $n"], range(1, mt_rand(1, 50)));
            usort($list, fn (array $a, array $b) => key($b) <=> key($a));
            return $noisy;
        case 5:
            $text = '';
            for ($n = mt_rand(0, 200); $n > 0; $n--) {
                $text .= "part $n, ";
            }
            $parts = explode(', ', $text);
            return null;
        default:
            return mt_rand(0, 3) ? main($i + 20000) : null; // recursion
    }
}

$thrown = 0;
for ($i = 0; $i < 10000; $i++) {
    try {
        main($i);
    } catch (RuntimeException | DomainException) {
        $thrown++;
    }
}
echo $thrown > 1000 ? 'loops done' : "only $thrown exceptions", "\n";
$process = report();
echo 'recorded: ', $process['loops'] >= 9999 && $process['allocations'] > 100_000 ? 'yes' : json_encode([$process['loops'], $process['allocations']]), "\n";
echo 'false alarms: ', implode(' ', grows($process)) ?: 'none', "\n";
--EXPECT--
loops done
recorded: yes
false alarms: none
