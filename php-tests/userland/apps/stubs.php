<?php
// Stand-ins with the signatures and properties of libraries that Debian has
// not, or that need a server: what is shown is that the rows read them, not
// that a real server was spoken to.
namespace Elasticsearch { class Transport { public function performRequest(string $method, string $uri, array $params = [], $body = null, array $options = []) { if ($uri === '/lost') { throw new \RuntimeException('no nodes'); } return 'future'; } } }
namespace Elastic\Transport { class Transport { private $lastRequest; public function sendRequest(\Psr\Request $request) { $this->lastRequest = new \Psr\Request('es.test'); return new \Psr\Response(503); } } }
namespace Psr {
    class Uri { private $scheme = 'https'; private $port = 9200; private $path = '/orders/_doc/5'; public function __construct(private string $host) {} }
    class Request { private $method = 'PUT'; private $uri; public function __construct(string $host = '') { $this->uri = new Uri($host); } }
    class Response { public function __construct(private int $statusCode) {} }
}
namespace Hyperf\HttpServer {
    class Handler { public string $route = '/items/{id}'; }
    class Dispatched { public ?Handler $handler; public function __construct() { $this->handler = new Handler(); } }
    class CoreMiddleware { protected function handleFound(Dispatched $dispatched, $request) { return 'found'; } protected function handleNotFound($request) { return 'none'; } public function process() { return $this->handleNotFound(null) . $this->handleFound(new Dispatched(), null); } }
}
namespace Slim\Routing { class Route { protected string $pattern = '/v4/{name}'; public function run($request) { return 'ran'; } } }
namespace Symfony\Component\Messenger {
    // As in 4.4, where the receiver stands between the two others.
    class Envelope { private $message; public function __construct(object $message) { $this->message = $message; } }
    class Worker
    {
        public function run(object ...$messages) { foreach ($messages as $message) { $this->handleMessage(new Envelope($message), $this, 'orders'); } }
        private function handleMessage(Envelope $envelope, $receiver, string $transportName): void
        {
            $error = new \UnderflowException('the till is empty');
            $envelope == new Envelope(new \stdClass()) or new Event\WorkerMessageFailedEvent($envelope, $transportName, $envelope == new Envelope(new \ArrayObject()) ? $error : new Exception\HandlerFailedException('Handling failed', 0, $error));
        }
    }
}
namespace Symfony\Component\Messenger\Exception { class HandlerFailedException extends \RuntimeException {} }
namespace Symfony\Component\Messenger\Event { class WorkerMessageFailedEvent { public function __construct($envelope, string $receiverName, \Throwable $error) {} } }
namespace PhpAmqpLib {
    class Stream { protected $host = 'broker.test'; protected $port = 5672; }
    class Connection { protected $io; public function __construct() { $this->io = new Stream(); } }
}
namespace PhpAmqpLib\Message {
    class AMQPMessage { public $delivery_info; public function __construct($exchange) { $this->delivery_info = ['exchange' => $exchange, 'routing_key' => 'jobs']; } }
}
namespace PhpAmqpLib\Channel {
    class AbstractChannel { protected $connection; public function __construct() { $this->connection = new \PhpAmqpLib\Connection(); } }
    class AMQPChannel extends AbstractChannel
    {
        public function basic_publish($msg, $exchange = '', $routing_key = '', $mandatory = false) {}
        public function basic_get($queue = '', $no_ack = false) { return null; }
        protected function basic_deliver($reader, $message) { throw new \LogicException('consumer failed'); }
        public function deliver($message) { $this->basic_deliver(null, $message); }
    }
}
namespace {
    class WP_REST_Server
    {
        public function serve_request($path = null) { return $this->dispatch(7) . $this->dispatch('embedded'); }
        protected function match_request_to_handler($request) { return $request === 7 ? ['/wp/v2/posts/(?P<id>[\d]+)', []] : ['/wp/v2/users', []]; }
        public function dispatch($request) { return $this->match_request_to_handler($request) ? 'rest' : ''; }
    }
    $transport = new Elasticsearch\Transport();
    echo $transport->performRequest('POST', '/customers/_search?q=secret'), "\n";
    try { $transport->performRequest('GET', '/lost'); } catch (RuntimeException $e) { echo $e->getMessage(), "\n"; }
    (new Elastic\Transport\Transport())->sendRequest(new Psr\Request());
    echo (new Hyperf\HttpServer\CoreMiddleware())->process(), (new Slim\Routing\Route())->run(null), (new WP_REST_Server())->dispatch(8), (new WP_REST_Server())->serve_request(), "\n";
    $channel = new PhpAmqpLib\Channel\AMQPChannel();
    $channel->basic_publish('secret', 'orders', 'created');
    $channel->basic_publish('secret', routing_key: 'jobs');
    $channel->basic_get('jobs');
    try { $channel->deliver(new PhpAmqpLib\Message\AMQPMessage('orders')); } catch (LogicException $e) { echo $e->getMessage(), "\n"; }
    (new Symfony\Component\Messenger\Worker())->run(new stdClass(), new ArrayObject(), new SplQueue());
}
