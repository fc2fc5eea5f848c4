<?php
// Guzzle over its mock handler: nothing goes over the wire.
require 'GuzzleHttp/autoload.php';
use GuzzleHttp\{Client, HandlerStack};
use GuzzleHttp\Handler\MockHandler;
use GuzzleHttp\Psr7\{Request, Response};

$mock = new MockHandler([new Response(200), new Response(404), new Response(500), new Response(204)]);
$client = new Client(['handler' => HandlerStack::create($mock), 'base_uri' => 'http://base.test/']);
echo $client->request('GET', 'https://user:secret@api.test:8443/v1/things?token=secret')->getStatusCode(), "\n";
echo $client->send(new Request('POST', 'http://api.test/orders?x=1'), ['http_errors' => false])->getStatusCode(), "\n";
try {
    $client->get('relative');
} catch (GuzzleHttp\Exception\ServerException $e) {
    echo get_class($e), "\n";
}
$client->requestAsync('PUT', 'http://api.test/')->wait();
