--TEST--
Who finds nothing in the log is told which file was looked at, and what was wrong with it
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$log = sys_get_temp_dir() . '/trackerleak.hint.' . getmypid() . '.log';
function hint(string $name, string $call, string $log): void
{
    [$status, $out, $err] = php(['-r', "$call;"], ['apm.leak_log' => $log]);
    echo "$name: status $status, output ", json_encode($out), ', ', str_replace($log, 'LOG', strstr($err, '. Run ', true)), "\n";
}
hint('not there', 'trackerAnalyzeLeak()', $log);
hint('not there either', 'trackerAnalyzeMalloc()', $log);
touch($log);
hint('empty', 'trackerAnalyzeLeak()', $log);
touch("$log.1");
hint('both empty', 'trackerAnalyzeLeak()', $log);
file_put_contents($log, 'nothing of ours');
hint('something else', 'trackerAnalyzeLeak()', $log);
unlink($log);
unlink("$log.1");
symlink(__FILE__, $log);
hint('a link', 'trackerAnalyzeLeak()', $log);
unlink($log);
--EXPECT--
not there: status 0, output "", swoole_tracker: the leak log holds no record: LOG does not exist
not there either: status 0, output "", swoole_tracker: the leak log holds no record: LOG does not exist
empty: status 0, output "", swoole_tracker: the leak log holds no record: LOG is empty
both empty: status 0, output "", swoole_tracker: the leak log holds no record: LOG.1 is empty, LOG is empty
something else: status 0, output "", swoole_tracker: the leak log holds no record: LOG.1 is empty, LOG has no record that can be read
a link: status 0, output "", swoole_tracker: the leak log cannot be read: LOG: the file is a symbolic link
