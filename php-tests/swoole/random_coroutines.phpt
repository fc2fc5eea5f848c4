--TEST--
Random trees of interleaved Swoole coroutines: exactly what was planted is reported
--SKIPIF--
<?php if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/../leak/helper.inc';

// Five seeds, and one of your choice (TRACKER_SEED); see random_fibers.phpt.
foreach ([1, 2, 3, 4, 5, (int) (getenv("TRACKER_SEED") ?: 11)] as $seed) {
    [$status, $out, $err] = php([__DIR__ . '/coroutine_trees.inc', (string) $seed]);
    echo $out, $status || $err ? "seed $seed: status $status $err\n" : '';
}
--EXPECTF--
seed 1: %d loops, %d leaks planted, as planted
seed 2: %d loops, %d leaks planted, as planted
seed 3: %d loops, %d leaks planted, as planted
seed 4: %d loops, %d leaks planted, as planted
seed 5: %d loops, %d leaks planted, as planted
seed %d: %d loops, %d leaks planted, as planted
