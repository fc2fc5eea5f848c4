--TEST--
php/stubs declares what the extension declares
--FILE--
<?php
// The tests run in a copy of their folder, beside which there is no php/.
$stubs = getenv('STUBS') ?: dirname(__DIR__, 4) . '/php/stubs/swoole_tracker.stub.php';
$child = fn (array $options, string $code): array => json_decode((string) shell_exec(
    escapeshellarg(PHP_BINARY) . ' -n ' . implode(' ', $options) . ' -r ' . escapeshellarg($code)), true, 512, JSON_THROW_ON_ERROR);
$tell = <<<'PHP'
    $signature = function (ReflectionFunctionAbstract $f): string {
        $parameters = array_map(fn (ReflectionParameter $p): string => $p->getType() . ' $' . $p->getName()
            . ($p->isOptional() ? ' = ' . ($p->isDefaultValueAvailable() ? var_export($p->getDefaultValue(), true) : '?') : ''), $f->getParameters());
        $modifiers = $f instanceof ReflectionMethod ? implode(' ', Reflection::getModifierNames($f->getModifiers())) . ' ' : '';
        return $modifiers . strtolower($f->getName()) . '(' . strtolower(implode(', ', $parameters)) . '): '
            . str_replace(['self', 'static'], $f instanceof ReflectionMethod ? $f->class : '', (string) $f->getReturnType());
    };
    $all = [];
    foreach ($functions as $name) {
        $all[] = $signature(new ReflectionFunction($name));
    }
    foreach ($classes as $name) {
        $class = new ReflectionClass($name);
        $all[] = implode(' ', Reflection::getModifierNames($class->getModifiers())) . " class $name is " . $class->getName()
            . ' < ' . ($class->getParentClass() ? $class->getParentClass()->getName() : '');
        foreach ($class->getConstants() as $constant => $value) {
            $all[] = "$name::$constant = $value";
        }
        foreach ($class->getMethods() as $method) {
            if ($method->class === $class->getName() && $method->getName() !== '__construct') {
                $all[] = $class->getName() . ' ' . $signature($method);
            }
        }
    }
    sort($all);
    echo json_encode(array_values(array_unique($all)));
    PHP;
$extension = $child(['-d', 'extension=' . escapeshellarg((string) getenv('EXT'))], <<<'PHP'
    $r = new ReflectionExtension('swoole_tracker');
    $functions = array_filter(array_keys($r->getFunctions()), fn ($f) => !str_starts_with($f, 'swoole_tracker_'));
    // Aliases have keys of their own in the list of classes.
    $classes = array_filter(get_declared_classes(), fn ($c) => (new ReflectionClass($c))->getExtensionName() === 'swoole_tracker');
    PHP . $tell);
$stubbed = $child([], '$before = [get_defined_functions()["user"], get_declared_classes()]; require ' . var_export($stubs, true) . ';
    $functions = array_diff(get_defined_functions()["user"], $before[0]); $classes = array_diff(get_declared_classes(), $before[1]);' . $tell);
$lower = fn (array $lines) => array_map(strtolower(...), $lines);
echo count($extension) > 20 ? "the extension declares something\n" : implode("\n", $extension);
foreach (array_diff($lower($extension), $lower($stubbed)) as $line) {
    echo "not in the stubs: $line\n";
}
foreach (array_diff($lower($stubbed), $lower($extension)) as $line) {
    echo "only in the stubs: $line\n";
}
--EXPECT--
the extension declares something
