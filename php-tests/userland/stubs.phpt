--TEST--
Elasticsearch, Hyperf, Slim 4, php-amqplib, Symfony Messenger 4, WordPress' REST routes: stand-ins, no real server
--FILE--
<?php
require __DIR__ . '/helper.inc';
echo implode("--\n", app('stubs.php'));
?>
--EXPECT--
future
no nodes
nonefoundranrestrestrest
consumer failed
--
1 begin POST _search (Client elasticsearch)
1 http.request.method=POST
1 url.path=/customers/_search
1 end
2 begin GET (Client elasticsearch)
2 http.request.method=GET
2 url.path=/lost
2 failed RuntimeException: no nodes
2 end
3 begin PUT _doc (Client elasticsearch)
3 http.request.method=PUT
3 url.path=/orders/_doc/5
3 server.address=es.test
3 server.port=9200
3 peer es.test:9200
3 url.full=https://es.test:9200/orders/_doc/5
3 http.response.status_code=503
3 failed HTTP 503
3 end
route (none)
route /items/{id}
route /v4/{name}
route /wp-json/*
route /wp-json/wp/v2/posts/{id}
4 begin publish orders (Producer rabbitmq)
4 messaging.operation.type=send
4 messaging.destination.name=orders
4 messaging.rabbitmq.destination.routing_key=created
4 server.address=broker.test
4 server.port=5672
4 peer broker.test:5672
4 end
5 begin publish jobs (Producer rabbitmq)
5 messaging.operation.type=send
5 messaging.rabbitmq.destination.routing_key=jobs
5 server.address=broker.test
5 server.port=5672
5 peer broker.test:5672
5 end
6 begin receive jobs (Client rabbitmq)
6 messaging.operation.type=receive
6 messaging.destination.name=jobs
6 server.address=broker.test
6 server.port=5672
6 peer broker.test:5672
6 end
work of rabbitmq
7 begin process (Consumer rabbitmq)
7 messaging.operation.type=process
7 server.address=broker.test
7 server.port=5672
7 peer broker.test:5672
work process orders
7 messaging.destination.name=orders
7 messaging.rabbitmq.destination.routing_key=jobs
7 failed LogicException: consumer failed
7 end
work of symfony
8 begin process stdClass (Consumer symfony)
8 messaging.operation.type=process
8 messaging.destination.name=orders
8 end
work of symfony
9 begin process ArrayObject (Consumer symfony)
9 messaging.operation.type=process
9 messaging.destination.name=orders
work failed UnderflowException: the till is empty
9 end
work of symfony
10 begin process SplQueue (Consumer symfony)
10 messaging.operation.type=process
10 messaging.destination.name=orders
work failed UnderflowException: the till is empty
10 end
