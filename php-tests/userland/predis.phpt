--TEST--
Predis: commands, raw commands, pipelines; no values
--SKIPIF--
<?php
if (!stream_resolve_include_path('Predis/autoload.php')) echo 'skip Predis is not installed';
elseif (!function_exists('pcntl_fork')) echo 'skip no pcntl';
?>
--FILE--
<?php
require __DIR__ . '/helper.inc';
echo preg_replace('/127\.0\.0\.1:\d+|(port=)\d+/', '$1ADDRESS', implode("--\n", app('predis.php')));
?>
--EXPECT--
OK
OK
2
Predis\ClientException
--
1 begin SET (Client redis)
1 server.address=127.0.0.1
1 server.port=ADDRESS
1 peer ADDRESS
1 end
2 begin PING (Client redis)
2 server.address=127.0.0.1
2 server.port=ADDRESS
2 peer ADDRESS
2 end
3 begin PIPELINE (Client redis)
3 server.address=127.0.0.1
3 server.port=ADDRESS
3 peer ADDRESS
3 end
4 begin UNDEFINEDCOMMAND (Client redis)
4 server.address=127.0.0.1
4 server.port=ADDRESS
4 peer ADDRESS
4 failed Predis\ClientException: Command 'UNDEFINEDCOMMAND' is not a registered Redis command.
4 end
