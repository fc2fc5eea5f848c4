--TEST--
Loops in shutdown functions, as where an event loop starts by itself, are recorded like others
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

/** Runs the program; where and how it kept memory, in one line. */
function attempt(string $name, string $program): void
{
    $script = temp_file(<<<'PHP'
    <?php
    function main(int $i): void
    {
        trackerHookMalloc();
        static $kept = [];
        $kept[] = random_bytes(1000); // LEAK
        $local = random_bytes(500);
    }
    function forty(): void
    {
        for ($i = 0; $i < 40; $i++) {
            main($i);
        }
        echo 'done';
    }

    PHP . $program);
    $log = sys_get_temp_dir() . "/trackerleak.$name." . getmypid() . '.log';
    $off = php($script, ['apm.leak_log' => $log, 'apm.enable_malloc_hook' => '0']);
    $on = php($script, ['apm.leak_log' => $log]);
    $process = json_decode(trackerLeakReport('json', $log), true)['processes'][0] ?? ['loops' => 0, 'sites' => [], 'notes' => []];
    preg_match_all('/\(Loop (\d+)\)\].*TotalLeak/', trackerLeakReport('text', $log), $found);
    echo "$name: ", $on === $off ? "$on[1], " : json_encode([$off, $on]), "$process[loops] loops, ",
        $found[1] == range(0, 38) ? 'all leak' : implode(' ', $found[1]),
        array_intersect(grows($process), marked('LEAK', $script)) ? ', the line grows' : ', ' . json_encode($process['sites']),
        $process['notes'] ? '; ' . implode('; ', $process['notes']) : '', "\n";
    array_map('unlink', glob("$log*"));
}

attempt('plain', 'register_shutdown_function("forty");');
attempt('nested', <<<'PHP'
register_shutdown_function(function (): void {
    register_shutdown_function(function (): void {
        register_shutdown_function('forty');
    });
});
PHP);
attempt('begun-before', <<<'PHP'
for ($i = 0; $i < 20; $i++) {
    main($i);
}
register_shutdown_function(function (): void {
    for ($i = 20; $i < 40; $i++) {
        main($i);
    }
    echo 'done';
});
PHP);
attempt('after-exit', 'register_shutdown_function("forty"); exit(7);');
attempt('exit-inside', 'register_shutdown_function(function (): void { forty(); exit(8); });');
attempt('exit-in-a-loop', <<<'PHP'
register_shutdown_function(function (): void {
    (function (): void {
        forty();
        trackerHookMalloc();
        exit('here');
    })();
});
PHP);
attempt('one-of-two', <<<'PHP'
register_shutdown_function(function (): void {
    for ($i = 0; $i < 20; $i++) {
        main($i);
    }
});
register_shutdown_function(function (): void {
    for ($i = 20; $i < 40; $i++) {
        main($i);
    }
    echo 'done';
});
PHP);
// What a shutdown function holds is freed before globals are: too late for the figures.
attempt('held-by-a-function', <<<'PHP'
function keeper(int $i): void
{
    trackerHookMalloc();
    register_shutdown_function(fn (string $text) => null, random_bytes(1000)); // LEAK
}
for ($i = 0; $i < 40; $i++) {
    keeper($i);
}
echo 'done';
PHP);
--EXPECT--
plain: done, 39 loops, all leak, the line grows
nested: done, 39 loops, all leak, the line grows
begun-before: done, 39 loops, all leak, the line grows
after-exit: done, 39 loops, all leak, the line grows
exit-inside: done, 39 loops, all leak, the line grows; 1 loop was interrupted, by a fatal error or by exit() in a shutdown function; its figures end there.
exit-in-a-loop: donehere, 40 loops, all leak, the line grows; 1 loop was interrupted, by a fatal error or by exit() in a shutdown function; its figures end there.
one-of-two: done, 39 loops, all leak, the line grows
held-by-a-function: done, 39 loops, all leak, the line grows
