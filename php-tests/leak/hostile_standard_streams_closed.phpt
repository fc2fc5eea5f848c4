--TEST--
Bad input: a daemon that closes its standard streams gets their numbers back, and nothing of ours is written there
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$script = temp_file(<<<'PHP'
<?php
[, $folder] = $argv;
function main(): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat('x', 100);
}
fclose(STDIN);
fclose(STDOUT);
fclose(STDERR);
SwooleTracker\Span::start('early')->end();
for ($i = 0; $i < 5; $i++) {
    main();
}
usleep(200000);
$taken = array_filter([0, 1, 2], fn ($n) => @readlink("/proc/self/fd/$n") !== false);
// The next files get the numbers 0, 1 and 2.
$files = [];
foreach (['in', 'out', 'err'] as $name) {
    $files[] = fopen("$folder.$name", 'w');
}
echo "echo goes to number 1\n";
for ($i = 0; $i < 5; $i++) {
    main();
}
trackerAnalyzeMalloc(0);
trackerCleanLeak();
trackerAnalyzeLeak();
file_put_contents("$folder.taken", json_encode($taken));
PHP);
$folder = temp_file('', '.d');
$agent = stream_socket_server("unix://$folder.sock");
[$status] = php([$script, $folder], ['apm.agent_socket' => "$folder.sock", 'apm.enable' => 1]);
echo "status $status, numbers that we took: ", file_get_contents("$folder.taken"), "\n";
foreach (['in', 'out', 'err'] as $name) {
    $text = file_get_contents("$folder.$name");
    echo "$name: ", json_encode($name === 'out' ? strtok($text, "\n") : $text), str_contains($text, "\0") ? ', something binary' : '', "\n";
}
array_map('unlink', glob("$folder.*"));
?>
--EXPECT--
status 0, numbers that we took: []
in: ""
out: "echo goes to number 1"
err: ""
