--TEST--
The functions of the leak finder: names, parameters, defaults, types
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

foreach (['trackerHookMalloc', 'trackerAnalyzeLeak', 'trackerCleanLeak', 'trackerAnalyzeMalloc', 'trackerLeakReport', 'trackerAssertNoLeak'] as $name) {
    $function = new ReflectionFunction($name);
    $parameters = array_map(function (ReflectionParameter $p): string {
        $default = $p->isDefaultValueAvailable() ? ' = ' . var_export($p->getDefaultValue(), true) : '';
        return $p->getType() . ' $' . $p->getName() . strtolower($default);
    }, $function->getParameters());
    echo $name, '(', implode(', ', $parameters), '): ', $function->getReturnType() ?? 'none', "\n";
}
$class = new ReflectionClass('SwooleTracker\\LeakException');
echo $class->getName(), ' extends Exception: ', $class->isSubclassOf(Exception::class) ? 'yes' : 'no', "\n";
--EXPECT--
trackerHookMalloc(): void
trackerAnalyzeLeak(): void
trackerCleanLeak(): void
trackerAnalyzeMalloc(int $n = 5): void
trackerLeakReport(string $format = 'text', ?string $file = null): string
trackerAssertNoLeak(callable $body, int $loops = 40, int $warmup = 3): void
SwooleTracker\LeakException extends Exception: yes
