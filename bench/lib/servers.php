<?php
// Servers that a measurement needs. All are stopped when the benchmark ends.

final class Servers
{
    private static array $running = [];

    /** Starts one in the background; its output goes to the work folder. */
    public static function start(string $name, array $command, array $environment = []): int
    {
        global $work;
        $log = ['file', "$work/$name.log", 'w'];
        $process = proc_open($command, [['file', '/dev/null', 'r'], $log, $log], $pipes, null, $environment + getenv());
        if (!self::$running) {
            register_shutdown_function(self::stop(...));
        }
        self::$running[$name] = $process;
        return proc_get_status($process)['pid'];
    }

    public static function stop(string ...$names): void
    {
        foreach ($names ?: array_reverse(array_keys(self::$running)) as $name) {
            $process = self::$running[$name];
            unset(self::$running[$name]);
            proc_terminate($process);
            for ($i = 0; $i < 200 && proc_get_status($process)['running']; $i++) {
                usleep(25_000);
            }
            proc_terminate($process, 9);
            proc_close($process);
        }
    }

    /** Waits until somebody listens at `tcp://…` or `unix://…`. */
    public static function await(string $address): bool
    {
        for ($i = 0; $i < 200; $i++) {
            if ($connection = @stream_socket_client($address, $code, $message, 1)) {
                fclose($connection);
                return true;
            }
            usleep(50_000);
        }
        return false;
    }

    public static function freePort(): int
    {
        $server = stream_socket_server('tcp://127.0.0.1:0');
        return (int) explode(':', stream_socket_get_name($server, false))[1];
    }

    /** A program by its name, also where only root has its folder in PATH. */
    public static function program(string ...$names): ?string
    {
        foreach ($names as $name) {
            foreach (explode(':', getenv('PATH') . ':/usr/sbin:/sbin') as $folder) {
                if (is_executable("$folder/$name")) {
                    return "$folder/$name";
                }
            }
        }
        return null;
    }

    /** Options that load these modules; null when one is not installed. */
    public static function modules(string ...$names): ?array
    {
        $options = [];
        foreach ($names as $name) {
            if (!is_file(PHP_EXTENSION_DIR . "/$name.so")) {
                return null;
            }
            array_push($options, '-d', "extension=$name");
        }
        return $options;
    }

    /** An agent with a data directory of its own. Its socket, and its process. */
    public static function agent(string $name): array
    {
        global $work, $agent;
        $folder = "$work/$name";
        exec('rm -rf ' . escapeshellarg($folder));
        $socket = "$work/$name.sock";
        $pid = self::start($name, [$agent, 'run', '--socket', $socket, '--data-dir', $folder, '--log', 'warn',
            '--http', '127.0.0.1:' . self::freePort(), '--max-traces-per-s', '0']);
        self::await("unix://$socket") || fail('tracker-agent', file_get_contents("$work/$name.log"));
        return [$socket, $pid];
    }
}
