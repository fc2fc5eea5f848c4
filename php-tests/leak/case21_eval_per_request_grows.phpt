--TEST--
Case 21: compiling a new class in every request grows
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

function main(int $i): void
{
    trackerHookMalloc();
    eval("class Template$i { public \$a = []; public function render() { return [\$this->a, $i]; } }"); // LEAK
}

loops(120, 'main');
check_grows();
$process = report();
$kinds = array_unique(array_column(sites_at($process, marked()[0]), 'kind'));
echo 'called: ', in_array('compile', $kinds, true) ? 'compile' : implode(' ', $kinds), "\n";
echo 'compiled code: ', $process['kinds']['compile'] > 119 * 240 ? 'counted' : $process['kinds']['compile'], "\n";
--EXPECT--
loops recorded: 119
lines that grow: 1, as planted
called: compile
compiled code: counted
