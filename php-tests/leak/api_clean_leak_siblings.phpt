--TEST--
trackerCleanLeak() empties the log, its rotated and its per-user siblings
--EXTENSIONS--
posix
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$log = ini_get('apm.leak_log');
loops(4, function (int $i): void {
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat(chr($i), 1000);
});
report();
$uid = posix_geteuid();
foreach (["$log.1", "$log.$uid", "$log.$uid.1"] as $file) {
    copy($log, $file);
    chmod($file, 0600);
}
file_put_contents("$log.txt", 'not a sibling');
trackerCleanLeak();
clearstatcache();
foreach (glob("$log*") as $file) {
    echo strtr($file, [$log => 'LOG', ".$uid" => '.UID']), ' ', filesize($file), "\n";
}
--EXPECT--
LOG 0
LOG.UID 0
LOG.UID.1 0
LOG.1 0
LOG.txt 13
