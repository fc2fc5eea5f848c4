<?php
// Servers that a measurement needs. All are stopped when the benchmark ends.

final class Servers
{
    private static array $running = [];

    /** Starts one in the background, to be ended by $signal; its output goes to the work folder. */
    public static function start(string $name, array $command, int $signal = 15): int
    {
        global $work;
        $log = ['file', "$work/$name.log", 'w'];
        $process = proc_open($command, [['file', '/dev/null', 'r'], $log, $log], $pipes);
        if (!self::$running) {
            register_shutdown_function(self::stop(...));
        }
        self::$running[$name] = [$process, $signal];
        return proc_get_status($process)['pid'];
    }

    /** Stops these, and what was started for them; all, if none is named. */
    public static function stop(string ...$names): void
    {
        $names = $names ? array_merge($names, array_map(fn($name) => "$name-nginx", $names)) : array_keys(self::$running);
        foreach (array_reverse(array_intersect(array_keys(self::$running), $names)) as $name) {
            [$process, $signal] = self::$running[$name];
            unset(self::$running[$name]);
            proc_terminate($process, $signal);
            for ($i = 0; $i < 400 && proc_get_status($process)['running']; $i++) {
                usleep(25_000);
            }
            proc_terminate($process, 9);
            proc_close($process);
        }
    }

    /** What one has printed. */
    public static function said(string $name): string
    {
        global $work;
        return (string) file_get_contents("$work/$name.log");
    }

    /** A pool of FPM that serves one script, and an nginx in front of it. Its port. */
    public static function fpm(array $under, string $name, string $nginx, array $fpm, string $script): int
    {
        global $work;
        $isRoot = trim(shell_exec('id -u')) === '0';
        $socket = "$work/$name.sock";
        @unlink($socket);
        $children = $under ? 1 : 2;
        file_put_contents("$work/$name.conf", "[global]\nerror_log = $work/$name.err\n[www]\nlisten = $socket\npm = static\n"
            . "pm.max_children = $children\nclear_env = no\n" . ($isRoot ? "user = root\ngroup = root\n" : ''));
        // SIGQUIT: its workers end in good order.
        self::start($name, [...$under, ...$fpm, '--nodaemonize', ...($isRoot ? ['--allow-to-run-as-root'] : []), '--fpm-config', "$work/$name.conf"], 3);
        self::await("unix://$socket") || fail($name, self::said($name));
        $port = self::freePort();
        $temporary = '';
        foreach (['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'] as $kind) {
            $temporary .= "{$kind}_temp_path $work/nginx-$kind; ";
        }
        file_put_contents("$work/$name-nginx.conf", ($isRoot ? 'user root; ' : '') . "daemon off; worker_processes 1; pid $work/$name-nginx.pid;"
            . "error_log $work/$name-nginx.err; events {} http { access_log off; keepalive_requests 1000000; $temporary"
            . "server { listen 127.0.0.1:$port; location / { fastcgi_pass unix:$socket;"
            . " fastcgi_param SCRIPT_FILENAME $script; fastcgi_param REQUEST_METHOD \$request_method;"
            . ' fastcgi_param REQUEST_URI $request_uri; fastcgi_param SCRIPT_NAME /index.php; fastcgi_param SERVER_NAME bench;'
            . ' fastcgi_param SERVER_PORT $server_port; } } }' . "\n");
        self::start("$name-nginx", [$nginx, '-p', $work, '-e', "$work/$name-nginx.err", '-c', "$work/$name-nginx.conf"]);
        self::await("tcp://127.0.0.1:$port") || fail($nginx, (string) file_get_contents("$work/$name-nginx.err"));
        return $port;
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
        self::await("unix://$socket") || fail('tracker-agent', self::said($name));
        return [$socket, $pid];
    }
}
