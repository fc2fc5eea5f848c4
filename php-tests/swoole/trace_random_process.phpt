--TEST--
Random trees of coroutines, many requests at a time (Swoole\Http\Server, SWOOLE_PROCESS): what arrives is what was drawn
--SKIPIF--
<?php $needs = ['pdo_sqlite', 'curl']; require __DIR__ . '/../trace/skip.inc';
--INI--
apm.enable=0
--FILE--
<?php
require __DIR__ . '/random_traces.inc';
random_traces('process');
--EXPECTF--
0 drops, 0 doubled, 0 bad answers, 0 strays
process: PHP %s, Swoole %s, seed %d: %d requests (%s), %d spans, 0 wrong trees
