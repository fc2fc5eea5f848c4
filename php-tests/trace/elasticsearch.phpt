--TEST--
Elasticsearch and OpenSearch: transports with the clients' signatures, and a stand-in for their server (no real one): operations, status, the node, the request below; no body leaves the process
--INI--
apm.enable=0
--SKIPIF--
<?php $needs = ['curl']; require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
require __DIR__ . '/servers.inc';
$port = free_port();
$server = new Server([PHP_BINARY, '-n', '-S', "127.0.0.1:$port", __DIR__ . '/elasticsearch_server.inc'], $port);
$receiver = new Receiver();
$out = $receiver->run("namespace { const PORT = $port; }" . <<<'PHP'
    namespace Psr {
        class Uri { public function __construct(private string $path, private string $scheme = '', private string $host = '', private ?int $port = null) {} public function __toString() { return "$this->scheme://$this->host:$this->port$this->path?q=secret"; } public function at($port) { return new Uri($this->path, 'http', '127.0.0.1', $port); } }
        class Request { public function __construct(public string $method, public Uri $uri, public ?array $body = null) {} }
        class Response { public function __construct(private int $statusCode, public array $body) {} }
    }
    namespace {
        /** What all clients do in the end. */
        function send(string $method, string $url, ?array $body): Psr\Response
        {
            $handle = curl_init($url);
            curl_setopt_array($handle, [CURLOPT_RETURNTRANSFER => true, CURLOPT_CUSTOMREQUEST => $method,
                CURLOPT_POSTFIELDS => json_encode($body), CURLOPT_HTTPHEADER => ['Content-Type: application/json']]);
            $text = curl_exec($handle);
            $text === false and throw new RuntimeException('No alive nodes');
            return new Psr\Response(curl_getinfo($handle, CURLINFO_RESPONSE_CODE), json_decode($text, true));
        }
    }
    // Of elastic/transport 8 and 9: gives the request the address of a node.
    namespace Elastic\Transport {
        class Transport
        {
            private $lastRequest = null;
            public function __construct(private int $node) {}
            public function sendRequest(\Psr\Request $request): \Psr\Response
            {
                $request = new \Psr\Request($request->method, $request->uri->at($this->node), $request->body);
                $this->lastRequest = $request;
                return \send($request->method, $request->uri, $request->body);
            }
        }
    }
    // Of elasticsearch/elasticsearch 5 and 6; since 7 as in OpenSearch.
    namespace Elasticsearch {
        class Connection { protected $host = '127.0.0.1:' . PORT; }
        class Transport
        {
            public $lastConnection;
            public function performRequest($method, $uri, $params = null, $body = null, $options = [])
            {
                $this->lastConnection = new Connection();
                return \send($method, 'http://127.0.0.1:' . PORT . $uri, $body);
            }
        }
    }
    // Of opensearch-project/opensearch-php, before 2.4 and since.
    namespace OpenSearch {
        class Connection { protected $host = '127.0.0.1'; protected $port = PORT; }
        class Transport
        {
            public $lastConnection;
            public function performRequest(string $method, string $uri, array $params = [], $body = null, array $options = [])
            {
                $uri === '/none' and throw new \RuntimeException('No alive nodes');
                $this->lastConnection = new Connection();
                return \send($method, 'http://127.0.0.1:' . PORT . $uri, $body);
            }
        }
        class HttpTransport
        {
            public function sendRequest(string $method, string $uri, array $params = [], mixed $body = null, array $headers = []): iterable|string|null
            {
                $response = \send($method, 'http://127.0.0.1:' . PORT . $uri, $body)->body;
                return isset($response['error']) ? throw new \InvalidArgumentException($response['error']['reason']) : $response;
            }
        }
    }
    namespace {
        $body = ['query' => ['match' => ['name' => 'secret']]];
        $elastic = new Elastic\Transport\Transport(PORT);
        foreach ([['PUT', '/orders/_doc/5'], ['GET', '/orders/_doc/404'], ['POST', '/orders/_search'], ['POST', '/_bulk'], ['GET', '/']] as [$method, $path]) {
            $answer = $elastic->sendRequest(new Psr\Request($method, new Psr\Uri($path), $body))->body;
            echo $answer['traceparent'], "\n";
        }
        try { (new Elastic\Transport\Transport(1))->sendRequest(new Psr\Request('GET', new Psr\Uri('/orders/_count'))); } catch (RuntimeException $e) { echo $e->getMessage(), "\n"; }
        (new Elasticsearch\Transport())->performRequest('POST', '/orders/_search', [], $body);
        $search = new OpenSearch\Transport();
        $search->performRequest('GET', '/orders/_doc/5');
        try { $search->performRequest('GET', '/none'); } catch (RuntimeException $e) { echo $e->getMessage(), "\n"; }
        (new OpenSearch\HttpTransport())->sendRequest('GET', '/orders/_doc/5');
        try { (new OpenSearch\HttpTransport())->sendRequest('POST', '/broken/_search', body: $body); } catch (InvalidArgumentException $e) { echo $e->getMessage(), "\n"; }
    }
    PHP);
$spans = array_column($receiver->spans(), null, 'span_id');
echo preg_replace_callback('~^00-\w{32}-(\w{16})-03$~m', fn ($m) => 'came with ' . ($spans[$m[1]]['system'] ?? 'nothing'), $out);
foreach ($spans as $span) {
    $above = $spans[$span['parent_span_id']] ?? ['name' => 'none'];
    if (in_array($span['system'], ['elasticsearch', 'opensearch'])) {
        echo str_replace($port, 'PORT', "$span[system]: " . line($span, 'http.request.method', 'url.full', 'url.path', 'http.response.status_code', 'error.type') . " $span[peer]"), "\n";
    } elseif ($span['system'] === 'http') {
        echo str_replace($port, 'PORT', '  ' . line($span) . " $span[peer] < $above[name]"), "\n";
    }
    str_contains(json_encode($span), 'secret') and print "secret sent: $span[name]\n";
}
--EXPECT--
came with http
came with http
came with http
came with http
came with http
No alive nodes
No alive nodes
no such field
  Client PUT Unset 127.0.0.1:PORT < PUT _doc
elasticsearch: Client PUT _doc Unset http.request.method="PUT" url.full="http://127.0.0.1:PORT/orders/_doc/5" url.path="/orders/_doc/5" http.response.status_code=201 error.type=null 127.0.0.1:PORT
  Client GET Error 127.0.0.1:PORT < GET _doc
elasticsearch: Client GET _doc Error http.request.method="GET" url.full="http://127.0.0.1:PORT/orders/_doc/404" url.path="/orders/_doc/404" http.response.status_code=404 error.type="HTTP 404" 127.0.0.1:PORT
  Client POST Unset 127.0.0.1:PORT < POST _search
elasticsearch: Client POST _search Unset http.request.method="POST" url.full="http://127.0.0.1:PORT/orders/_search" url.path="/orders/_search" http.response.status_code=200 error.type=null 127.0.0.1:PORT
  Client POST Unset 127.0.0.1:PORT < POST _bulk
elasticsearch: Client POST _bulk Unset http.request.method="POST" url.full="http://127.0.0.1:PORT/_bulk" url.path="/_bulk" http.response.status_code=200 error.type=null 127.0.0.1:PORT
  Client GET Unset 127.0.0.1:PORT < GET
elasticsearch: Client GET Unset http.request.method="GET" url.full="http://127.0.0.1:PORT/" url.path="/" http.response.status_code=200 error.type=null 127.0.0.1:PORT
  Client GET Error 127.0.0.1:1 < GET _count
elasticsearch: Client GET _count Error http.request.method="GET" url.full="http://127.0.0.1:1/orders/_count" url.path="/orders/_count" http.response.status_code=null error.type="RuntimeException" 127.0.0.1:1
  Client POST Unset 127.0.0.1:PORT < POST _search
elasticsearch: Client POST _search Unset http.request.method="POST" url.full=null url.path="/orders/_search" http.response.status_code=null error.type=null 127.0.0.1:PORT
  Client GET Unset 127.0.0.1:PORT < GET _doc
opensearch: Client GET _doc Unset http.request.method="GET" url.full=null url.path="/orders/_doc/5" http.response.status_code=null error.type=null 127.0.0.1:PORT
opensearch: Client GET Error http.request.method="GET" url.full=null url.path="/none" http.response.status_code=null error.type="RuntimeException" 
  Client GET Unset 127.0.0.1:PORT < GET _doc
opensearch: Client GET _doc Unset http.request.method="GET" url.full=null url.path="/orders/_doc/5" http.response.status_code=null error.type=null 
  Client POST Error 127.0.0.1:PORT < POST _search
opensearch: Client POST _search Error http.request.method="POST" url.full=null url.path="/broken/_search" http.response.status_code=null error.type="InvalidArgumentException"
