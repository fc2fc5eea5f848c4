<?php

namespace Demo;

/** The products of the shop. */
final class Catalogue
{
    /**
     * An innocent cache: it fills once per product, and there are eight of them.
     *
     * @var array<int, string>
     */
    private array $cache = [];

    public function describe(int $id): string
    {
        return $this->cache[$id % 8] ??= $this->load($id % 8);
    }

    private function load(int $id): string
    {
        return str_repeat("product $id is a fine product. ", 64);
    }
}
