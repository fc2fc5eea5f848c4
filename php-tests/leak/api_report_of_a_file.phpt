--TEST--
trackerLeakReport(file:): reads the log that it is told; what cannot be read is a warning, what is damaged is said
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

function main(int $i): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat(chr($i), 1000);
}

loops(10, 'main');
report();
$copy = temp_file(file_get_contents(ini_get('apm.leak_log')), '.log');
trackerCleanLeak();
$report = json_decode(trackerLeakReport('json', $copy), true);
echo 'copy: ', $report['processes'][0]['loops'], ' loops, files ', $report['log']['files'] === [$copy] ? 'as told' : json_encode($report['log']), "\n";
set_error_handler(function (int $level, string $text): bool {
    echo $level === E_WARNING ? 'warning: ' : "level $level: ", $text, "\n";
    return true;
});
$report = json_decode(trackerLeakReport(file: '/nonexistent/log', format: 'json'), true);
echo 'missing: ', count($report['processes']), ' processes, unreadable ', json_encode($report['log']['unreadable'], JSON_UNESCAPED_SLASHES), "\n";
echo trackerLeakReport('text', __DIR__) === '' ? 'nothing' : 'folder: told', "\n";
restore_error_handler();
$noise = temp_file("nothing of ours\n", '.log');
echo strstr(trackerLeakReport('text', $noise), "\nlog:");
set_error_handler(fn (int $level, string $text) => throw new ErrorException($text));
try {
    trackerLeakReport('json', '/nonexistent/log');
} catch (ErrorException $e) {
    echo 'handler: ', $e->getMessage(), "\n";
}
restore_error_handler();
$report = json_decode(trackerLeakReport('json'), true);
echo 'cleaned: ', count($report['processes']), " processes\n";
--EXPECTF--
copy: 9 loops, files as told
warning: trackerLeakReport(): Failed to read /nonexistent/log: No such file or directory (os error 2)
missing: 0 processes, unreadable ["/nonexistent/log: No such file or directory (os error 2)"]
warning: trackerLeakReport(): Failed to read %s: not a regular file
folder: told

log: 1 record skipped: torn, damaged or of an unknown kind
handler: trackerLeakReport(): Failed to read /nonexistent/log: No such file or directory (os error 2)
cleaned: 0 processes
