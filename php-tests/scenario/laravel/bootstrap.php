<?php
/* A small application on Laravel, as `laravel new` lays one out, in one file. */

namespace App;

require 'Illuminate/autoload.php';
require 'GuzzleHttp/autoload.php';
require 'Predis/autoload.php';

use Illuminate\Contracts;
use Illuminate\Foundation;
use Illuminate\Support\Facades\{DB, Http, Queue, Redis};

class UserController
{
    public function show(int $id): array
    {
        return ['user' => DB::selectOne('SELECT name FROM users WHERE id = ?', [$id])->name ?? abort(404)];
    }

    public function broken(): never
    {
        throw new \DomainException('no stock');
    }
}

class SendReceipt implements Contracts\Queue\ShouldQueue
{
    public function __construct(private int $user)
    {
    }

    public function handle(): void
    {
        DB::update('UPDATE users SET receipts = receipts + 1 WHERE id = ?', [$this->user]);
        $this->user === 13 and throw new \LengthException('the mailbox is full');
    }
}

class Report extends \Illuminate\Console\Command
{
    protected $signature = 'shop:report {day}';

    public function handle(): void
    {
        $this->line('users: ' . DB::selectOne('SELECT count(*) AS n FROM users')->n);
    }
}

class AppServiceProvider extends \Illuminate\Support\ServiceProvider
{
    public function boot(): void
    {
        $router = $this->app['router'];
        $router->get('/', fn () => 'home');
        $router->get('users/{id}', [UserController::class, 'show']);
        $router->get('users/{user}/posts/{post?}', fn ($user, $post = 'none') => "$user $post");
        $router->get('broken', [UserController::class, 'broken']);
        $router->post('orders/{id}', fn (int $id) => Queue::push(new SendReceipt($id)) ? 'ordered' : 'lost');
        $router->get('ask', fn () => Http::withHeaders(['X-Own' => '1'])->get('http://127.0.0.1:' . $_SERVER['SERVER_PORT'] . '/users/7')->body());
        $router->get('cached', function () {
            Redis::set('secret', 'value');
            return Redis::get('secret');
        });
        $this->commands([Report::class]);
    }
}

class HttpKernel extends Foundation\Http\Kernel
{
    protected $bootstrappers = KERNEL;
}

class ConsoleKernel extends Foundation\Console\Kernel
{
    protected $bootstrappers = KERNEL;
}

const KERNEL = [
    Foundation\Bootstrap\HandleExceptions::class,
    Foundation\Bootstrap\RegisterFacades::class,
    Foundation\Bootstrap\RegisterProviders::class,
    Foundation\Bootstrap\BootProviders::class,
];

$app = new Foundation\Application(getenv('SITE_FOLDER'));
$app->instance('config', new \Illuminate\Config\Repository([
    'app' => ['env' => 'production', 'debug' => false, 'locale' => 'en', 'aliases' => [], 'providers' => [
        \Illuminate\Bus\BusServiceProvider::class,
        \Illuminate\Cache\CacheServiceProvider::class,
        \Illuminate\Database\DatabaseServiceProvider::class,
        \Illuminate\Filesystem\FilesystemServiceProvider::class,
        Foundation\Providers\ConsoleSupportServiceProvider::class,
        \Illuminate\Queue\QueueServiceProvider::class,
        \Illuminate\Redis\RedisServiceProvider::class,
        \Illuminate\Translation\TranslationServiceProvider::class,
        \Illuminate\View\ViewServiceProvider::class,
        AppServiceProvider::class,
    ]],
    'cache' => ['default' => 'file', 'prefix' => '', 'stores' => ['file' => ['driver' => 'file', 'path' => getenv('SITE_FOLDER') . '/cache']]],
    'database' => [
        'default' => 'sqlite',
        'migrations' => 'migrations',
        'connections' => ['sqlite' => ['driver' => 'sqlite', 'database' => getenv('SITE_FOLDER') . '/shop.sqlite', 'prefix' => '']],
        'redis' => ['client' => 'predis', 'options' => [], 'default' => ['scheme' => 'unix', 'path' => getenv('SITE_REDIS'), 'database' => 2]],
    ],
    'logging' => ['default' => 'errors', 'channels' => ['errors' => ['driver' => 'errorlog']]],
    'queue' => ['default' => 'database', 'failed' => ['driver' => null], 'connections' => [
        'database' => ['driver' => 'database', 'table' => 'jobs', 'queue' => 'receipts', 'retry_after' => 90],
    ]],
    'view' => ['paths' => [], 'compiled' => getenv('SITE_FOLDER') . '/cache'],
]));
$app->detectEnvironment(fn () => 'production');
$app->singleton(Contracts\Http\Kernel::class, HttpKernel::class);
$app->singleton(Contracts\Console\Kernel::class, ConsoleKernel::class);
$app->singleton(Contracts\Debug\ExceptionHandler::class, Foundation\Exceptions\Handler::class);
return $app;
