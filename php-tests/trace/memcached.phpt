--TEST--
Memcached against a real server; programs that PHP starts; mail
--INI--
apm.enable=0
--SKIPIF--
<?php $needs = ['memcached', 'igbinary', 'msgpack']; require __DIR__ . '/skip.inc'; trim((string) shell_exec('command -v memcached')) or die('skip no memcached server');
--FILE--
<?php
require __DIR__ . '/helper.inc';
$probe = stream_socket_server('tcp://127.0.0.1:0');
$port = (int) substr(strrchr(stream_socket_get_name($probe, false), ':'), 1);
fclose($probe);
$server = proc_open(['memcached', '-u', 'root', '-l', '127.0.0.1', '-p', (string) $port, '-U', '0'],
    [['file', '/dev/null', 'r'], ['file', '/dev/null', 'w'], ['file', '/dev/null', 'w']], $pipes);
for ($until = microtime(true) + 5; !($up = @fsockopen('127.0.0.1', $port)) && microtime(true) < $until;) {
    usleep(20000);
}
fclose($up);
$receiver = new Receiver();
$receiver->modules = ['igbinary', 'msgpack', 'memcached'];
echo $receiver->run("const PORT = $port;" . <<<'PHP'
    $m = new Memcached();
    $m->addServer('127.0.0.1', PORT);
    var_dump($m->set('a', 'secret'), $m->get('a'), $m->get('none'), $m->delete('a'));
    echo exec('echo exec'), shell_exec('echo shell'), stream_get_contents(popen('echo popen', 'r'));
    proc_close(proc_open(['true', 'secret'], [], $pipes));
    mail('nobody@localhost', 'secret', 'secret');
    PHP, [], ['sendmail_path' => '/bin/true']);
proc_terminate($server);
proc_close($server);
foreach ($receiver->spans() as $span) {
    echo line($span, 'db.system.name', 'process.executable.name'), "\n";
}
echo 'secret sent: ', str_contains(json_encode($receiver->records), 'secret') ? 'yes' : 'no', "\n";
--EXPECTF--
bool(true)
string(6) "secret"
bool(false)
bool(true)
execshell
popen
Client set Unset db.system.name="memcached" process.executable.name=null
Client get Unset db.system.name="memcached" process.executable.name=null
Client get Unset db.system.name="memcached" process.executable.name=null
Client delete Unset db.system.name="memcached" process.executable.name=null
Client exec Unset db.system.name=null process.executable.name="echo"
Client shell_exec Unset db.system.name=null process.executable.name="echo"
Client popen Unset db.system.name=null process.executable.name="echo"
Client proc_open Unset db.system.name=null process.executable.name="true"
Client mail Unset db.system.name=null process.executable.name=null
Internal traced.%d.php Unset db.system.name=null process.executable.name=null
secret sent: no
