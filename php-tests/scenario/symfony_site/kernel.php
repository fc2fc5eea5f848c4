<?php
/* A small application on Symfony, in one file: kernel, routes, controllers, a command. */

namespace App;

require 'Symfony/Bundle/FrameworkBundle/autoload.php';
require 'Symfony/Component/Console/autoload.php';
require 'Symfony/Component/Messenger/autoload.php';

use Symfony\Bundle\FrameworkBundle\Controller\AbstractController;
use Symfony\Bundle\FrameworkBundle\FrameworkBundle;
use Symfony\Bundle\FrameworkBundle\Kernel\MicroKernelTrait;
use Symfony\Component\Console\Command\Command;
use Symfony\Component\Console\Input\InputArgument;
use Symfony\Component\Console\Input\InputInterface;
use Symfony\Component\Console\Output\OutputInterface;
use Symfony\Component\DependencyInjection\Loader\Configurator\ContainerConfigurator;
use Symfony\Component\Messenger\{Envelope, MessageBusInterface};
use Symfony\Component\Messenger\Handler\MessageHandlerInterface;
use Symfony\Component\Messenger\Transport\Serialization\SerializerInterface;
use Symfony\Component\Messenger\Transport\{TransportFactoryInterface, TransportInterface};
use Symfony\Component\HttpFoundation\{JsonResponse, Request, Response};
use Symfony\Component\HttpKernel\Kernel as BaseKernel;
use Symfony\Component\Routing\Loader\Configurator\RoutingConfigurator;

class Shop extends AbstractController
{
    public static function db(): \PDO
    {
        return new \PDO('sqlite:' . getenv('SITE_FOLDER') . '/shop.sqlite');
    }

    public function user(int $id): Response
    {
        $query = self::db()->prepare('SELECT name FROM users WHERE id = ?');
        $query->execute([$id]);
        return new JsonResponse(['user' => $query->fetchColumn() ?: throw $this->createNotFoundException('nobody')]);
    }

    public function page(Request $request): Response
    {
        // A part of the page that is a request within this one.
        return new Response('page with ' . $this->forward(self::class . '::part')->getContent());
    }

    public function part(): Response
    {
        return new Response('a part');
    }

    public function broken(): never
    {
        throw new \DomainException('no stock');
    }

    public function order(int $id, MessageBusInterface $bus): Response
    {
        $bus->dispatch($id === 13 ? new Refund($id) : new Order($id));
        return new Response('ordered');
    }
}

class Order
{
    public function __construct(public int $user)
    {
    }
}

class Refund extends Order
{
}

class ShipOrder implements MessageHandlerInterface
{
    public function __invoke(Order $order): void
    {
        Shop::db()->query("SELECT name FROM users WHERE id = $order->user")->fetchColumn();
    }
}

class PayBack implements MessageHandlerInterface
{
    public function __invoke(Refund $refund): void
    {
        throw new \UnderflowException('the till is empty');
    }
}

/** A queue in a folder: Debian's transports all need a server. */
class Folder implements TransportInterface, TransportFactoryInterface
{
    private string $path;
    private SerializerInterface $serializer;

    public function createTransport(string $dsn, array $options, SerializerInterface $serializer): TransportInterface
    {
        $transport = new self();
        $transport->path = getenv('SITE_FOLDER') . '/' . substr($dsn, strlen('folder://'));
        $transport->serializer = $serializer;
        @mkdir($transport->path);
        return $transport;
    }

    public function supports(string $dsn, array $options): bool
    {
        return str_starts_with($dsn, 'folder://');
    }

    public function send(Envelope $envelope): Envelope
    {
        file_put_contents($this->path . '/' . hrtime(true), json_encode($this->serializer->encode($envelope)));
        return $envelope;
    }

    public function get(): iterable
    {
        foreach (glob("$this->path/*") as $file) {
            $envelope = $this->serializer->decode(json_decode(file_get_contents($file), true));
            unlink($file);
            return [$envelope];
        }
        return [];
    }

    public function ack(Envelope $envelope): void
    {
    }

    public function reject(Envelope $envelope): void
    {
    }
}

class Report extends Command
{
    protected static $defaultName = 'shop:report';

    protected function configure(): void
    {
        $this->addArgument('day', InputArgument::REQUIRED);
    }

    protected function execute(InputInterface $input, OutputInterface $output): int
    {
        $output->writeln('users: ' . Shop::db()->query('SELECT count(*) FROM users')->fetchColumn());
        $input->getArgument('day') === 'never' and throw new \RangeException('no such day');
        return 0;
    }
}

class Kernel extends BaseKernel
{
    use MicroKernelTrait;

    public function registerBundles(): iterable
    {
        return [new FrameworkBundle()];
    }

    public function getProjectDir(): string
    {
        return getenv('SITE_FOLDER');
    }

    protected function configureContainer(ContainerConfigurator $container): void
    {
        $container->extension('framework', ['secret' => 'of a test', 'http_method_override' => false, 'php_errors' => ['log' => true],
            'messenger' => [
                'transports' => ['orders' => ['dsn' => 'folder://orders', 'retry_strategy' => ['max_retries' => 0]]],
                'routing' => [Order::class => 'orders'],
            ]]);
        $services = $container->services()->defaults()->autowire()->autoconfigure();
        $services->set(Shop::class)->public();
        $services->set(Report::class);
        $services->set(Folder::class)->tag('messenger.transport_factory');
        $services->set(ShipOrder::class);
        $services->set(PayBack::class);
    }

    protected function configureRoutes(RoutingConfigurator $routes): void
    {
        $routes->add('user_show', '/users/{id}')->controller([Shop::class, 'user'])->methods(['GET']);
        $routes->add('page', '/pages/{slug}')->controller([Shop::class, 'page']);
        $routes->add('broken', '/broken')->controller([Shop::class, 'broken']);
        $routes->add('order', '/orders/{id}')->controller([Shop::class, 'order'])->methods(['POST']);
    }
}
