<?php
/**
 * Stubs of the extension swoole_tracker, for IDEs and static analysers: what it
 * declares, without bodies. Never loaded at run time.
 * php-tests/trace/stubs.phpt compares them with the extension.
 */

namespace {
    /**
     * Marks the calling function as the main function of a loop: what it
     * allocates and keeps is recorded. Does nothing unless
     * `enable_malloc_hook` is on.
     */
    function trackerHookMalloc(): void {}

    /** Prints the report of the leak log: the original's text, then the verdicts. */
    function trackerAnalyzeLeak(): void {}

    /** Empties the leak log and those of its siblings that this user may write. */
    function trackerCleanLeak(): void {}

    /** Prints the `$n` largest single allocations of every loop. */
    function trackerAnalyzeMalloc(int $n = 5): void {}

    /**
     * The report of the leak log.
     *
     * @param string $format text, json, html, folded, speedscope or pprof
     * @param string|null $file the log to read instead of `leak_log` and its siblings
     */
    function trackerLeakReport(string $format = "text", ?string $file = null): string {}

    /**
     * Runs `$body` `$warmup` times unobserved and `$loops` times recorded.
     *
     * @throws \SwooleTracker\LeakException if a line's memory grows
     */
    function trackerAssertNoLeak(callable $body, int $loops = 40, int $warmup = 3): void {}

    /** The trace that runs, 16 digits, as the header `x-swoole-traceid` has it; empty for none. */
    function getSwooleTrackerTraceId(): string {}

    /** The span that runs, 16 digits, as the header `x-swoole-spanid` has it; empty for none. */
    function getSwooleTrackerSpanId(): string {}

    /** A new span id, 16 digits; empty while tracing is off. */
    function genSwooleTrackerSpanId(): string {}

    /**
     * Names the application, before any setting: of the trace that runs and of
     * all later ones of this process; under FPM until the request ends.
     *
     * @param string|null $name empty gives the naming back
     */
    function tracker_set_service_name(mixed $name): void {}

    /** @see \SwooleTracker\Stats */
    class_alias(\SwooleTracker\Stats::class, 'StatsCenter');
    /** @see \SwooleTracker\Tick */
    class_alias(\SwooleTracker\Tick::class, 'StatsCenter_Tick');
    /** @see \SwooleTracker\Stats */
    class_alias(\SwooleTracker\Stats::class, 'Tracker\Stats');
    /** @see \SwooleTracker\Tick */
    class_alias(\SwooleTracker\Tick::class, 'Tracker\Tick');
}

namespace SwooleTracker {
    /** Thrown when a body leaks, or could not be measured. */
    class LeakException extends \Exception {}

    /**
     * Calls that the program serves and makes, as the original Swoole Tracker
     * had them. Values of any type are taken.
     */
    class Stats
    {
        /** A call that went well. */
        public const SUCC = 1;
        /** A call that failed. */
        public const FAIL = 0;
        /** Code of a call that was never ended. */
        public const TIME_OUT_STATUS = 4444;

        /**
         * A request begins to be served. Where the extension traces the request
         * itself, the call names it; elsewhere it begins a trace.
         *
         * @param string $func name of the endpoint; the ids in a path go
         * @param string|null $service_name name of the application
         * @param string $server_ip address of this server
         * @param string $trace_id the caller's header `x-swoole-traceid`
         * @param string $span_id the caller's header `x-swoole-spanid`
         */
        public static function beforeExecRpc(mixed $func, mixed $service_name, mixed $server_ip, mixed $trace_id = null, mixed $span_id = null): Tick {}

        /**
         * A request was served. What is no tick, or has ended, is ignored.
         *
         * @param Tick|null $tick
         * @param bool $ret whether it went well
         * @param int|string $errno result code
         */
        public static function afterExecRpc(mixed $tick, mixed $ret, mixed $errno): void {}

        /**
         * A call of another service begins.
         *
         * @param string $func what is called
         * @param string|null $service_name name of the other service
         * @param string $server_ip its address
         */
        public static function beforeReqRpc(mixed $func, mixed $service_name, mixed $server_ip): Tick {}

        /**
         * A call of another service ended. What is no tick, or has ended, is
         * ignored.
         *
         * @param Tick|null $tick
         * @param bool $ret whether it went well
         * @param int|string $errno result code
         */
        public static function afterReqRpc(mixed $tick, mixed $ret, mixed $errno): void {}
    }

    /** A call that has begun: see {@see Stats}. It ends once. */
    class Tick
    {
        /** Adds an attribute to the call. */
        public function addParam(mixed $key, mixed $value): void {}

        /**
         * Ends the call.
         *
         * @param bool $success whether it went well
         * @param int|string $code result code
         * @param string|int $ip the server's address
         */
        public function report(mixed $success, mixed $code = null, mixed $ip = null): void {}

        /** Ends the call; its result code is 0 if it went well, else 1. */
        public function reportSucc(mixed $success = null, mixed $ip = null): void {}

        /** Ends the call with a result code; 0 says that it went well. */
        public function reportCode(mixed $code, mixed $ip = null): void {}
    }

    /**
     * A piece of the program's work. It ends by `end()`, at the latest when the
     * object is gone; then its methods do nothing. It may end in another
     * coroutine than it began in.
     */
    final class Span
    {
        /**
         * Begins a span below the one that runs; where there is none, a trace.
         *
         * @param array<string, string|int|float|bool|array|null>|null $attributes
         */
        public static function start(string $name, ?array $attributes = null): Span {}

        /** Sets an attribute. The elements of an array are joined by commas; null is ignored. */
        public function attribute(string $name, mixed $value): Span {}

        /**
         * Notes that something happens now.
         *
         * @param array<string, string|int|float|bool|array|null>|null $attributes
         */
        public function event(string $name, ?array $attributes = null): Span {}

        /**
         * Notes that the work failed.
         *
         * @param \Throwable|string $error
         */
        public function error(mixed $error): Span {}

        /** Ends it. */
        public function end(): void {}
    }

    /**
     * Stands in for the callbacks that Swoole's servers are given, so that each
     * of their runs is traced. Programs do not see it.
     *
     * @internal
     */
    final class Callback
    {
        public function __invoke() {}
    }
}
