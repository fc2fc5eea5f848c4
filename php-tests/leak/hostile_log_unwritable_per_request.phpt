--TEST--
Bad input: a log that a web server's PHP cannot write is named once in PHP's error log, whatever the program's handler does
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$page = temp_file(<<<'PHP'
<?php
set_error_handler(fn () => exit('the handler was called'));
function main(): void
{
    trackerHookMalloc();
}
main();
main();
echo 'page ', getmypid();
PHP);
$errors = temp_file('', '.errors');
// A free port: another may take it meanwhile, so tried more than once.
$answers = [];
for ($try = 0; $try < 5 && count($answers) < 3; $try++) {
    $probe = stream_socket_server('tcp://127.0.0.1:0');
    $address = stream_socket_get_name($probe, false);
    fclose($probe);
    file_put_contents($errors, '');
    $options = getenv('TEST_PHP_EXTRA_ARGS') ?: '-d extension=' . getenv('EXT');
    $server = proc_open(
        'exec timeout 60 ' . escapeshellarg(getenv('TEST_PHP_EXECUTABLE') ?: PHP_BINARY) . " $options -d apm.enable_malloc_hook=1"
            . " -d apm.leak_log=/nonexistent/trackerleak -d error_log=$errors -d display_errors=1 -S $address " . escapeshellarg($page),
        [1 => ['file', '/dev/null', 'w'], 2 => ['file', '/dev/null', 'w']],
        $pipes,
    );
    $answers = [];
    for ($wait = 0; $wait < 200 && count($answers) < 3 && proc_get_status($server)['running']; $wait++) {
        $answer = @file_get_contents("http://$address/");
        if ($answer === false) {
            usleep(50_000);
        } else {
            $answers[] = $answer;
        }
    }
    proc_terminate($server, 2); // as by Ctrl-C: it shuts down
    proc_close($server);
}
echo count($answers), ' answers, ', count(array_unique($answers)), ' process: ', preg_replace('/\d+/', 'N', $answers[0] ?? 'none'), "\n";
foreach (file($errors) as $line) {
    echo preg_replace('/^\[.*?\] /', '', $line);
}
--EXPECT--
3 answers, 1 process: page N
swoole_tracker: the leak log cannot be written: /nonexistent/trackerleak: No such file or directory (os error 2)
