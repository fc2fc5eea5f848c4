--TEST--
Case 17: autoloading, an include and static initialisation on first use are no leaks
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$GLOBALS['class file'] = temp_file('<?php class Loaded { public static array $table = []; function run(): int { return 1; } }');
$GLOBALS['config file'] = temp_file('<?php return ["a" => random_bytes(10), "b" => 2];');

spl_autoload_register(function (string $class): void {
    require $GLOBALS['class file'];
});

function config(): array
{
    static $config = null;
    return $config ??= require $GLOBALS['config file'];
}

// The first uses are in a call that is recorded.
loops(40, function (int $i): void {
    trackerHookMalloc();
    if ($i >= 1) {
        config();
    }
    if ($i >= 2) {
        $object = new Loaded();
        $object->run();
        Loaded::$table['key'] ??= random_bytes(50);
    }
});
check_silent();
check_clean_loops(2);
--EXPECT--
loops recorded: 39
lines that grow: 0, as planted
old report: 39 loops, clean from loop 2 on
