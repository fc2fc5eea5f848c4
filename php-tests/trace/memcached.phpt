--TEST--
Memcached against a real server; programs that PHP starts; mail
--INI--
apm.enable=0
--SKIPIF--
<?php $needs = ['memcached', 'igbinary', 'msgpack']; require __DIR__ . '/skip.inc'; trim((string) shell_exec('command -v memcached')) or die('skip no memcached server');
--FILE--
<?php
require __DIR__ . '/helper.inc';
require __DIR__ . '/servers.inc';
$ports = [free_port(), free_port()];
foreach ($ports as $port) {
    $servers[] = new Server(['memcached', '-u', 'root', '-l', '127.0.0.1', '-p', (string) $port, '-U', '0'], $port);
}
$receiver = new Receiver();
$receiver->modules = ['igbinary', 'msgpack', 'memcached'];
$out = $receiver->run("const PORT = $ports[0], OTHER = $ports[1];" . <<<'PHP'
    $m = new Memcached();
    $m->addServer('127.0.0.1', PORT);
    var_dump($m->set('a', 'secret'), $m->get('a'), $m->get('none'), $m->delete('a'));
    $m->addServer('127.0.0.1', OTHER);
    // By its key, and back to the same one; which of them is theirs to choose.
    $places = [];
    for ($i = 0; $i < 8; $i++) {
        $m->set("k$i", 'secret');
        $places[] = $m->getServerByKey("k$i")['port'];
    }
    $m->get('none');
    echo $m->getResultMessage(), "\n";
    echo 'places ', json_encode($places), "\n";
    $m->getMulti(['k0', 'k1']);
    $kept = new Memcached('kept');
    $kept->addServer('127.0.0.1', OTHER);
    $again = new Memcached('kept');
    $again->get('none');
    $nowhere = new Memcached();
    $nowhere->get('none');
    echo exec('echo exec'), shell_exec('echo shell'), stream_get_contents(popen('echo popen', 'r'));
    proc_close(proc_open(['true', 'secret'], [], $pipes));
    mail('nobody@localhost', 'secret', 'secret');
    PHP, [], ['sendmail_path' => '/bin/true']);
echo preg_replace('/places .*/', 'places', $out);
$all = "127.0.0.1:$ports[0],127.0.0.1:$ports[1]";
[$set, $gets] = [[], 0];
foreach ($receiver->spans() as $span) {
    $peer = str_replace([$all, ...array_map(fn ($port) => "127.0.0.1:$port", $ports)], ['both', 'A', 'B'], $span['peer']);
    if (str_starts_with($span['name'], 'set') && count($set) < 9) {
        $set[] = $span['attributes']['server.port'];
        count($set) > 1 and $peer = 'A or B';
    }
    $span['name'] === 'get' && count($set) === 9 && ++$gets === 1 and $peer = 'A or B';
    echo line($span, 'db.system.name', 'process.executable.name'), rtrim(" $peer"), "\n";
}
preg_match('/places (.*)/', $out, $places);
echo 'the right ones: ', json_encode(array_slice($set, 1)) === $places[1] ? 'yes' : 'no', "\n";
echo 'secret sent: ', str_contains(json_encode($receiver->records), 'secret') ? 'yes' : 'no', "\n";
--EXPECTF--
bool(true)
string(6) "secret"
bool(false)
bool(true)
NOT FOUND
places
execshell
popen
Client set Unset db.system.name="memcached" process.executable.name=null A
Client get Unset db.system.name="memcached" process.executable.name=null A
Client get Unset db.system.name="memcached" process.executable.name=null A
Client delete Unset db.system.name="memcached" process.executable.name=null A
Client set Unset db.system.name="memcached" process.executable.name=null A or B
Client set Unset db.system.name="memcached" process.executable.name=null A or B
Client set Unset db.system.name="memcached" process.executable.name=null A or B
Client set Unset db.system.name="memcached" process.executable.name=null A or B
Client set Unset db.system.name="memcached" process.executable.name=null A or B
Client set Unset db.system.name="memcached" process.executable.name=null A or B
Client set Unset db.system.name="memcached" process.executable.name=null A or B
Client set Unset db.system.name="memcached" process.executable.name=null A or B
Client get Unset db.system.name="memcached" process.executable.name=null A or B
Client getMulti Unset db.system.name="memcached" process.executable.name=null both
Client get Unset db.system.name="memcached" process.executable.name=null B
Client get Unset db.system.name="memcached" process.executable.name=null
Client exec Unset db.system.name=null process.executable.name="echo" echo
Client shell_exec Unset db.system.name=null process.executable.name="echo" echo
Client popen Unset db.system.name=null process.executable.name="echo" echo
Client proc_open Unset db.system.name=null process.executable.name="true" true
Client mail Unset db.system.name=null process.executable.name=null
Internal traced.%d.php Unset db.system.name=null process.executable.name=null
the right ones: yes
secret sent: no
