--TEST--
Bad input: a program that closes every descriptor that it does not know: its files stay its own, the log goes on
--EXTENSIONS--
ffi
--INI--
ffi.enable=1
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$script = temp_file(<<<'PHP'
<?php
[, $folder] = $argv;
$c = FFI::cdef('int close(int n);');
function main(): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat('x', 100);
}
for ($i = 0; $i < 5; $i++) {
    main();
    SwooleTracker\Span::start('s')->end();
}
usleep(200000);
for ($n = 3; $n < 64; $n++) {
    $c->close($n);
}
$files = [];
for ($n = 3; $n < 64; $n++) {
    $files[] = fopen("$folder.$n", 'w');
}
for ($i = 0; $i < 5; $i++) {
    main();
    SwooleTracker\Span::start('s')->end();
}
usleep(300000);
// Nothing of ours was closed: each can still be written.
$whole = 0;
foreach ($files as $file) {
    $whole += (int) (@fwrite($file, 'theirs') === 6);
}
echo "$whole files written\n";
PHP);
$folder = temp_file('', '.d');
$agent = stream_socket_server("unix://$folder.sock");
$log = "$folder.log";
[$status, $out] = php(['-d', 'ffi.enable=1', $script, $folder], ['apm.agent_socket' => "$folder.sock", 'apm.enable' => 1, 'apm.leak_log' => $log]);
$wrong = array_filter(glob("$folder.[0-9]*"), fn ($file) => file_get_contents($file) !== 'theirs');
echo "status $status: $out", count($wrong), " with something else in them\n";
echo count(json_decode(trackerLeakReport('json', $log), true)['processes'] ?? []), " process in the log, ",
    json_decode(trackerLeakReport('json', $log), true)['processes'][0]['loops'] ?? 0, " loops\n";
array_map('unlink', glob("$folder.*"));
?>
--EXPECT--
status 0: 61 files written
0 with something else in them
1 process in the log, 9 loops
