<?php

namespace Demo;

/** An HTTP request. */
final class Request
{
    /** @param array<string, string> $headers */
    public function __construct(
        public readonly string $method,
        public readonly string $path,
        public readonly array $headers,
    ) {
    }

    /** Reads the head of a request, as it came over the wire. */
    public static function parse(string $head): self
    {
        $lines = explode("\r\n", trim($head));
        [$method, $path] = explode(' ', array_shift($lines));
        $headers = [];
        foreach ($lines as $line) {
            [$name, $value] = explode(': ', $line, 2);
            $headers[strtolower($name)] = $value;
        }
        return new self($method, $path, $headers);
    }
}
