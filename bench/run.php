<?php
// The measurements of bench/run.sh, one file for each area. A row is a ratio of two
// figures of this run, a difference of them, or a figure with an absolute budget.
//
//   php -n run.php PHP EXTENSION BINARIES LOG WORKDIR [--strict] [AREA ...]

require __DIR__ . '/lib/measure.php';
require __DIR__ . '/lib/table.php';
require __DIR__ . '/lib/servers.php';

if (($argv[1] ?? '') === '--measure') {
    measureChild(array_slice($argv, 2));
    exit;
}
[, $php, $extension, $binaries, $log, $work] = $argv;
$rest = array_slice($argv, 6);
$strict = in_array('--strict', $rest, true);
$areas = array_values(array_diff($rest, ['--strict'])) ?: ['off', 'leak', 'spans', 'agent', 'servers'];
$agent = "$binaries/tracker-agent";
$loadgen = "$binaries/tracker-loadgen";

// What is switched on is on as a user would have it: every other setting keeps its
// default, but for paths, which stay in the work folder.
$without = [$php, '-n'];
$off = [$php, '-n', '-d', "extension=$extension", '-d', 'apm.enable=0'];
$traced = [$php, '-n', '-d', "extension=$extension", '-d', "apm.agent_socket=$work/nobody.sock"];
$hooked = [...$traced, '-d', 'apm.enable_malloc_hook=1', '-d', "apm.leak_log=$work/alloc.log"];

$table = new Table();
printf("PHP %s, %s, %s\n", PHP_VERSION, cpu(), trim((string) shell_exec('valgrind --version')));
foreach ($areas as $area) {
    $file = __DIR__ . "/area/$area.php";
    is_file($file) || fail($area, 'no such area');
    require $file;
}
echo $table;
exit($strict && $table->hasFailed() ? 1 : 0);
