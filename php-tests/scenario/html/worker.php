<?php
/*
 * A worker for the HTML report: one line leaks at the end of a short call
 * chain, a cache fills up, a cycle is garbage. LEAK=0: nothing leaks.
 */

final class Visits
{
    private static array $seen = [];

    public static function note(string $visitor): void
    {
        if (getenv('LEAK')) {
            self::$seen[] = str_repeat($visitor, 400); // LEAK
        }
    }
}

final class Shop
{
    private array $prices = [];

    public function page(int $item): string
    {
        Visits::note("visitor $item");
        $this->prices[$item % 20] ??= str_repeat('9', 2000);
        $page = new stdClass();
        $page->self = $page;
        $page->text = 'item ' . $item;
        return $page->text;
    }
}

function handle(Shop $shop, int $item): string
{
    trackerHookMalloc();
    return $shop->page($item);
}

$shop = new Shop();
for ($i = 0; $i < 80; $i++) {
    handle($shop, $i);
}
