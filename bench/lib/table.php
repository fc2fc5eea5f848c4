<?php
// The rows, and how they are printed.

final class Table
{
    /** @var list<list<string>> */
    private array $rows = [];
    private bool $failed = false;

    /** With a base: the ratio of the two has the budget. Without: the value itself. */
    public function row(string $what, string $unit, int|float|null $base, int|float $value, ?float $budget): void
    {
        $figure = $base === null ? $value : $value / $base;
        $this->add($what, $unit, $base, $value, $budget, $figure <= $budget, '<=');
    }

    /** As row(), where more is better. */
    public function atLeast(string $what, string $unit, int|float|null $base, int|float $value, ?float $budget): void
    {
        $figure = $base === null ? $value : $value / $base;
        $this->add($what, $unit, $base, $value, $budget, $figure >= $budget, '>=');
    }

    /** What `with` takes more than `without`: that has the budget. */
    public function difference(string $what, string $unit, int|float $base, int|float $value, ?float $budget): void
    {
        $more = $value - $base;
        $this->add("$what: +" . self::number($more), $unit, $base, $value, $budget, $more <= $budget, 'more <=');
    }

    /** A row that cannot be measured here; not silently. */
    public function without(string $what, string $why): void
    {
        $this->rows[] = [$what, '', '', '', '', '', "not measured: $why"];
    }

    public function fail(string $why): void
    {
        fwrite(STDERR, "warning: $why\n");
        $this->failed = true;
    }

    public function hasFailed(): bool
    {
        return $this->failed;
    }

    public function __toString(): string
    {
        $lines = [['what', 'unit', 'without', 'with', 'ratio', '', 'budget'], ...$this->rows];
        $widths = array_map(fn($column) => max(array_map('characters', array_column($lines, $column))), array_keys($lines[0]));
        $text = '';
        foreach ($lines as $line) {
            foreach ($line as $column => $cell) {
                $gap = str_repeat(' ', $widths[$column] - characters($cell));
                $text .= ($column >= 2 && $column <= 4 ? $gap . $cell : $cell . $gap) . '  ';
            }
            $text = rtrim($text) . "\n";
        }
        return $text;
    }

    private function add(string $what, string $unit, int|float|null $base, int|float $value, ?float $budget, bool $holds, string $sign): void
    {
        $this->failed = $this->failed || $budget !== null && !$holds;
        $this->rows[] = [
            $what,
            $unit,
            $base === null ? '' : self::number($base),
            self::number($value),
            $base === null || $base == 0 ? '' : sprintf('%.5f', $value / $base),
            $budget === null ? '' : ($holds ? 'PASS' : 'FAIL'),
            $budget === null ? '-' : "$sign $budget",
        ];
    }

    private static function number(int|float $n): string
    {
        return is_int($n) || abs($n) >= 1000 ? number_format($n) : sprintf('%.2f', $n);
    }
}

/** Characters of a UTF-8 text; ext-mbstring may not be there. */
function characters(string $text): int
{
    return preg_match_all('/./su', $text);
}
