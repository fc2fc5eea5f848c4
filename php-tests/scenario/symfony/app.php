<?php
/*
 * A small Symfony application: two routes, a controller, an event subscriber and
 * a service, one of which keeps something per request if it is told to.
 */

namespace Shop;

use DomainException;
use Symfony\Bundle\FrameworkBundle\FrameworkBundle;
use Symfony\Bundle\FrameworkBundle\Kernel\MicroKernelTrait;
use Symfony\Component\DependencyInjection\Loader\Configurator\ContainerConfigurator;
use Symfony\Component\EventDispatcher\EventSubscriberInterface;
use Symfony\Component\HttpFoundation\JsonResponse;
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpFoundation\Response;
use Symfony\Component\HttpKernel\Event\ResponseEvent;
use Symfony\Component\HttpKernel\Kernel;
use Symfony\Component\HttpKernel\KernelEvents;
use Symfony\Component\Routing\Loader\Configurator\RoutingConfigurator;

/** Counts the visits of every page; the leak is a history without a bound. */
final class VisitLog
{
    /** @var array<string, int> */
    private array $counts = [];
    private array $history = [];

    public function __construct(private bool $keepsHistory)
    {
    }

    public function visit(string $path, ?string $agent): int
    {
        if ($this->keepsHistory) {
            $this->history[] = "$path by $agent at " . microtime(); // LEAK
        }
        return $this->counts[$path] = ($this->counts[$path] ?? 0) + 1;
    }
}

final class ShopController
{
    public function __construct(private VisitLog $visits)
    {
    }

    public function item(Request $request, int $id): Response
    {
        return new JsonResponse([
            'id' => $id,
            'visits' => $this->visits->visit("/item/$id", $request->headers->get('User-Agent')),
            'text' => str_repeat("item $id ", 200),
        ]);
    }

    public function broken(): Response
    {
        throw new DomainException('this page is broken');
    }
}

final class Signature implements EventSubscriberInterface
{
    public static function getSubscribedEvents(): array
    {
        return [KernelEvents::RESPONSE => 'sign'];
    }

    public function sign(ResponseEvent $event): void
    {
        $event->getResponse()->headers->set('X-Digest', sha1($event->getResponse()->getContent()));
    }
}

final class App extends Kernel
{
    use MicroKernelTrait;

    public function registerBundles(): iterable
    {
        yield new FrameworkBundle();
    }

    public function getProjectDir(): string
    {
        return getenv('APP_DIR');
    }

    public function getCacheDir(): string
    {
        return getenv('APP_DIR') . '/cache';
    }

    public function getLogDir(): string
    {
        return getenv('APP_DIR') . '/log';
    }

    protected function configureContainer(ContainerConfigurator $container): void
    {
        $container->extension('framework', [
            'secret' => 'of this test',
            'http_method_override' => false,
            'router' => ['utf8' => true],
            'php_errors' => ['log' => false],
        ]);
        $services = $container->services()->defaults()->autowire()->autoconfigure();
        $services->set('logger', \Psr\Log\NullLogger::class);
        $services->set(VisitLog::class)->arg('$keepsHistory', getenv('LEAK') === '1');
        $services->set(Signature::class);
        $services->set(ShopController::class)->tag('controller.service_arguments')->public();
    }

    protected function configureRoutes(RoutingConfigurator $routes): void
    {
        $routes->add('item', '/item/{id}')->controller([ShopController::class, 'item']);
        $routes->add('broken', '/broken')->controller([ShopController::class, 'broken']);
    }
}
