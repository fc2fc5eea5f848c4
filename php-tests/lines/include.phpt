--TEST--
Exact lines: an included file allocates on its own lines
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$GLOBALS['included'] = temp_file(<<<'PHP'
<?php
$text =
    "included $i"; // ALLOC
keep($text);
return [
    'loop' => $i, // ALLOC
];
PHP);

function main(int $i): void
{
    trackerHookMalloc();
    keep(
        include $GLOBALS['included']
    );
    keep(eval('return "evaluated $i";')); // ALLOC
}

loops(20, 'main');

// The compiler allocates for every include and eval; that is not of kind "code".
check_lines($GLOBALS['included']);
--EXPECT--
loops recorded: 19
lines with allocations: 3, as marked
