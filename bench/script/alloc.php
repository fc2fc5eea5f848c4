<?php
// Allocation-heavy: one loop makes and drops objects, strings, arrays and
// closures, about 100,000 allocations and frees; 12 loops in a process. The
// first call of trackerHookMalloc() records nothing, the others do.
final class Node
{
    public ?Node $next = null;
    public array $data = [];

    public function __construct(public string $label) {}
}

function loop(): int
{
    if (function_exists('trackerHookMalloc')) {
        trackerHookMalloc();
    }
    $check = 0;
    for ($i = 0; $i < 5000; $i++) {
        $node = new Node('label ' . $i);
        $node->data = [$i, 'text ' . $i, [$i => true]];
        $node->next = new Node(str_repeat('x', $i % 200 + 1));
        $add = function (int $n) use ($node): int {
            return $n + strlen($node->label);
        };
        $check += $add($i);
        $list = [];
        for ($j = 0; $j < 9; $j++) {
            $list[] = "$i.$j";
        }
        $check += strlen(implode(',', $list));
    }
    return $check;
}

$sum = 0;
for ($n = 0; $n < 13; $n++) {
    $sum += loop();
}
echo $sum, "\n";
