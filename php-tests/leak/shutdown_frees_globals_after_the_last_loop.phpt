--TEST--
What the end of the script frees is not booked on the newest loop, with a shutdown function or without
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

function attempt(string $name, string $program): void
{
    $script = temp_file(<<<'PHP'
    <?php
    class Cache
    {
        public array $all = [];
    }
    class Emptied extends Cache
    {
        public function __destruct()
        {
            $this->all = [];
        }
    }
    function main(Cache $cache, int $i): void
    {
        trackerHookMalloc();
        if ($i < 5) {
            $cache->all[] = random_bytes(2000);
        }
    }

    PHP . $program . <<<'PHP'

    for ($i = 0; $i < 12; $i++) {
        main($cache, $i);
    }
    PHP);
    $log = sys_get_temp_dir() . "/trackerleak.$name." . getmypid() . '.log';
    php($script, ['apm.leak_log' => $log]);
    $blocks = read_old_report(explode(VERDICTS, trackerLeakReport('text', $log))[0])['blocks'];
    $late = array_filter($blocks, fn (array $block) => $block['loop'] >= 10);
    echo "$name: ", count($late), ' of the last loops, ', array_sum(array_column($late, 'total')) ?: 'nothing', ' booked on them', "\n";
    array_map('unlink', glob("$log*"));
}

attempt('plain', '$cache = new Cache();');
attempt('shutdown-function', '$cache = new Cache(); register_shutdown_function(fn () => 0);');
attempt('twice-held', '$cache = $again = new Emptied(); register_shutdown_function(fn () => 0);');
// What a shutdown function frees is the program's own doing.
attempt('unset', <<<'PHP'
$cache = new Cache();
register_shutdown_function(function (): void {
    unset($GLOBALS['cache']);
    main(new Cache(), 12);
    main(new Cache(), 13);
});
PHP);
--EXPECT--
plain: 1 of the last loops, nothing booked on them
shutdown-function: 1 of the last loops, nothing booked on them
twice-held: 1 of the last loops, nothing booked on them
unset: 3 of the last loops, -8192 booked on them
