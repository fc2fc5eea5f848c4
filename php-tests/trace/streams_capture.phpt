--TEST--
Streams of https: a certificate that is to be captured is where the program looks for it
--EXTENSIONS--
openssl
pcntl
posix
--INI--
apm.enable=1
apm.agent_socket={TMP}/nobody.sock
--FILE--
<?php
$key = openssl_pkey_new(['private_key_bits' => 2048]);
$request = openssl_csr_new(['commonName' => 'localhost'], $key);
openssl_x509_export(openssl_csr_sign($request, null, $key, 2), $certificate);
openssl_pkey_export($key, $private);
$file = tempnam(sys_get_temp_dir(), 'pem');
file_put_contents($file, $certificate . $private);
$server = stream_socket_server('ssl://127.0.0.1:0', $code, $message, STREAM_SERVER_BIND | STREAM_SERVER_LISTEN,
    stream_context_create(['ssl' => ['local_cert' => $file]]));
$address = stream_socket_get_name($server, false);
if (!$child = pcntl_fork()) {
    for ($i = 0; $i < 2; $i++) {
        $client = stream_socket_accept($server, 10);
        while (trim((string) fgets($client)) !== '') {
        }
        fwrite($client, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok");
        fclose($client);
    }
    posix_kill(posix_getpid(), SIGKILL);
}
fclose($server);
foreach (['capture_peer_cert' => 'peer_certificate', 'capture_peer_cert_chain' => 'peer_certificate_chain'] as $option => $result) {
    $context = stream_context_create(['ssl' => ['verify_peer' => false, 'verify_peer_name' => false, $option => true]]);
    var_dump(file_get_contents("https://$address/", false, $context));
    echo $result, isset(stream_context_get_options($context)['ssl'][$result]) ? " is there\n" : " is missing\n";
}
pcntl_waitpid($child, $status);
unlink($file);
--EXPECT--
string(2) "ok"
peer_certificate is there
string(2) "ok"
peer_certificate_chain is there
