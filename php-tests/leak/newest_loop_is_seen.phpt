--TEST--
Another process sees the newest loop while this one waits or calculates
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$program = temp_file(<<<'PHP'
<?php
function main(int $i): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat(chr($i), 1000);
}
function pair(): Generator
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = random_bytes(1000);
    yield 1;
}
function run_pair(): void
{
    foreach (pair() as $value);
}
$call = $argv[2] === 'generator' ? 'run_pair' : 'main';
for ($i = 0; $i < 3; $i++) {
    if ($argv[2] === 'fiber') {
        (new Fiber($call))->start($i);
    } else {
        $call($i);
    }
}
echo "over\n";
switch ($argv[1]) {
    case 'sleep':
        sleep(20);
    case 'select':
        $read = [STDIN];
        $write = $except = null;
        stream_select($read, $write, $except, 20);
    case 'read':
        fgets(STDIN);
    case 'calculate':
        $end = hrtime(true) + 20e9;
        while (hrtime(true) < $end) {
            $text = random_bytes(10);
        }
}
PHP);

/** Starts the program, and asks for its report from another process. */
function ask(string $program, string $how, string $what): string
{
    $log = tempnam(sys_get_temp_dir(), 'trk') . '.log';
    $options = getenv('TEST_PHP_EXTRA_ARGS') . " -d apm.leak_log=$log";
    $command = 'exec timeout 30 ' . getenv('TEST_PHP_EXECUTABLE') . " $options $program $how $what";
    $child = proc_open($command, [['pipe', 'r'], ['pipe', 'w'], STDERR], $pipes);
    fgets($pipes[1]);
    $seen = '';
    for ($tries = 0; $tries < 50 && $seen !== 'Loop 0 Loop 1'; $tries++) {
        usleep(20_000);
        [, $out] = php(['-r', 'trackerAnalyzeLeak();'], ['apm.leak_log' => $log]);
        preg_match_all('/(Loop \d+)\)\].*TotalLeak/', $out, $found);
        $seen = implode(' ', $found[1]);
    }
    $running = proc_get_status($child)['running'] ? '' : ', but it has ended';
    proc_terminate($child);
    proc_close($child);
    array_map('unlink', glob("$log*"));
    return $seen . $running;
}

foreach (['sleep', 'select', 'read', 'calculate'] as $how) {
    echo "$how: ", ask($program, $how, 'function'), "\n";
}
echo 'generator: ', ask($program, 'sleep', 'generator'), "\n";
echo 'fiber: ', ask($program, 'calculate', 'fiber'), "\n";
--EXPECT--
sleep: Loop 0 Loop 1
select: Loop 0 Loop 1
read: Loop 0 Loop 1
calculate: Loop 0 Loop 1
generator: Loop 0 Loop 1
fiber: Loop 0 Loop 1
