--TEST--
A module that comes after this one and wants to be ready before PHP code runs
--SKIPIF--
<?php
file_exists(ini_get('extension_dir') . '/uopz.so') or die('skip uopz is not installed');
getenv('EXT') or die('skip $EXT does not name the extension');
?>
--FILE--
<?php
foreach (['auto', 'register', 'handlers'] as $source) {
    $command = [PHP_BINARY, '-n', '-d', 'extension=' . getenv('EXT'), '-d', 'extension=uopz',
        '-d', 'apm.enable_malloc_hook=1', '-d', "apm.leak_line_source=$source",
        '-d', 'apm.leak_log=' . sys_get_temp_dir() . '/trackerleak.' . getmypid() . '.log',
        '-r', 'function f() { trackerHookMalloc(); } f(); f(); echo "done";'];
    $process = proc_open($command, [1 => ['pipe', 'w']], $pipes);
    echo stream_get_contents($pipes[1]), ' ', proc_close($process), "\n";
}
@unlink(sys_get_temp_dir() . '/trackerleak.' . getmypid() . '.log');
?>
--EXPECT--
done 0
done 0
done 0
