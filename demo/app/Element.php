<?php

namespace Demo;

/**
 * A piece of a page. Parent and children know each other: such a cycle is
 * garbage after the request, which PHP collects now and then. It is no leak.
 */
final class Element
{
    private ?Element $parent = null;

    /** @var list<Element|string> */
    private array $children = [];

    public function __construct(private string $tag)
    {
    }

    public function add(Element|string $child): self
    {
        if ($child instanceof self) {
            $child->parent = $this;
        }
        $this->children[] = $child;
        return $this;
    }

    public function depth(): int
    {
        return $this->parent === null ? 0 : $this->parent->depth() + 1;
    }

    public function __toString(): string
    {
        $indent = str_repeat('  ', $this->depth());
        return "$indent<$this->tag>" . implode('', $this->children) . "</$this->tag>\n";
    }
}
