--TEST--
userland_log: a pipe, a link and a device are refused, and stop nothing
--EXTENSIONS--
posix
--SKIPIF--
<?php getenv('EXT') or die('skip $EXT does not name the extension'); ?>
--FILE--
<?php
$path = sys_get_temp_dir() . '/userland.' . getmypid();
file_put_contents("$path.target", 'precious');
foreach (['pipe' => fn () => posix_mkfifo($path, 0600), 'link' => fn () => symlink("$path.target", $path)] as $name => $make) {
    $make();
    $command = ['timeout', '20', PHP_BINARY, '-n', '-d', 'extension=' . getenv('EXT'), '-d', 'apm.trace_functions=*(*)',
        '-d', "apm.userland_log=$path", '-r', 'function f() {} f(); echo "done";'];
    $process = proc_open($command, [1 => ['pipe', 'w']], $pipes);
    echo "$name: ", stream_get_contents($pipes[1]), ' ', proc_close($process), "\n";
    unlink($path);
}
echo file_get_contents("$path.target"), "\n";
unlink("$path.target");
?>
--EXPECT--
pipe: done 0
link: done 0
precious
