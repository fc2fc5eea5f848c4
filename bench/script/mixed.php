<?php
// A little of everything that an application does: calls of user and internal
// functions, methods, closures, generators, exceptions, arrays, strings.
final class Item
{
    private array $tags = [];

    public function __construct(public readonly int $id, public string $name) {}

    public function tag(string ...$tags): static
    {
        $this->tags = array_unique([...$this->tags, ...$tags]);
        return $this;
    }

    public function __toString(): string
    {
        return "$this->id:$this->name:" . implode(',', $this->tags);
    }
}

function items(int $count): Generator
{
    for ($i = 0; $i < $count; $i++) {
        yield (new Item($i, "item $i"))->tag('a', 'b', 'a');
    }
}

function checked(int $i): int
{
    if ($i % 10 === 0) {
        throw new RangeException("no $i");
    }
    return abs($i);
}

$sum = 0;
$texts = [];
foreach (items(2000) as $i => $item) {
    $texts[] = strtoupper((string) $item);
    try {
        $sum += checked($i);
    } catch (RangeException) {
        $sum--;
    }
}
usort($texts, fn($a, $b) => strcmp($b, $a));
$lengths = array_map(fn($text) => strlen($text), array_filter($texts, fn($text) => str_contains($text, '7')));
echo md5(json_encode([$sum, $lengths, preg_replace('/\d+/', '#', $texts[5])])), "\n";
