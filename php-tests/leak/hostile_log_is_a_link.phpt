--TEST--
Bad input: a log that is a symbolic link, a hard link or a pipe is left alone
--EXTENSIONS--
posix
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$script = temp_file(<<<'PHP'
<?php
function main(int $i): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat(chr($i), 1000);
}
for ($i = 0; $i < 5; $i++) {
    main($i);
}
echo 'done';
PHP);

$victim = temp_file('precious', '.txt');
$log = $victim . '.log';
$make = [
    'symbolic link' => fn () => symlink($victim, $log),
    'dangling symbolic link' => fn () => symlink("$victim.new", $log),
    'hard link' => fn () => link($victim, $log),
    'pipe' => fn () => posix_mkfifo($log, 0600),
];
foreach ($make as $name => $create) {
    $create();
    $before = lstat($log);
    [$status, $out, $err] = php($script, ['apm.leak_log' => $log]);
    clearstatcache();
    echo "$name: status $status, output ", json_encode($out),
        file_get_contents($victim) === 'precious' ? '' : ', the file behind it was written',
        file_exists("$victim.new") ? ', a file was made behind it' : '',
        lstat($log)['ino'] === $before['ino'] ? '' : ', the link was replaced',
        substr_count($err, "\n") > 1 ? ", stderr: $err" : '', "\n";
    php(['-r', 'trackerCleanLeak();'], ['apm.leak_log' => $log]);
    echo '  after cleaning: ', file_get_contents($victim), "\n";
    array_map('unlink', glob("$log*"));
}
--EXPECT--
symbolic link: status 0, output "done"
  after cleaning: precious
dangling symbolic link: status 0, output "done"
  after cleaning: precious
hard link: status 0, output "done"
  after cleaning: precious
pipe: status 0, output "done"
  after cleaning: precious
