--TEST--
Guzzle: requests that wait for the answer
--SKIPIF--
<?php if (!stream_resolve_include_path('GuzzleHttp/autoload.php')) echo 'skip Guzzle is not installed'; ?>
--FILE--
<?php
require __DIR__ . '/helper.inc';
echo implode("--\n", app('guzzle.php'));
?>
--EXPECT--
200
404
GuzzleHttp\Exception\ServerException
--
1 begin Guzzle GET (Internal http)
1 http.request.method=GET
1 server.address=api.test
1 server.port=8443
1 peer api.test:8443
1 url.full=https://api.test:8443/v1/things
1 http.response.status_code=200
1 end
2 begin Guzzle POST (Internal http)
2 http.request.method=POST
2 server.address=api.test
2 server.port=80
2 peer api.test:80
2 url.full=http://api.test/orders
2 http.response.status_code=404
2 failed HTTP 404
2 end
3 begin Guzzle GET (Internal http)
3 http.request.method=GET
3 url.path=relative
3 failed GuzzleHttp\Exception\ServerException: Server error: `GET http://base.test/relative` resulted in a `500 Internal Server Error` response
3 end
