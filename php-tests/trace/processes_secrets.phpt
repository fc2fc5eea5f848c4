--TEST--
Programs: of a command only the program's name is sent, never what is assigned before it
--SKIPIF--
<?php require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
$receiver = new Receiver();
echo $receiver->run(<<<'PHP'
    shell_exec('PASSWORD=S3CRET true');
    exec("A='a S3CRET' B=\"S3CRET S3CRET\" true S3CRET");
    system('env PASSWORD=S3CRET true');
    passthru('PASSWORD=$(echo S3CRET) true');
    pclose(popen('true;PASSWORD=S3CRET', 'r'));
    proc_close(proc_open(['true', 'S3CRET'], [], $pipes));
    PHP);
foreach ($receiver->of('segment') as $segment) {
    foreach ($segment['spans'] as $span) {
        if ($span['kind'] === 'Client') {
            echo line($span, 'process.executable.name'), "\n";
        }
    }
}
echo str_contains(json_encode($receiver->records), 'S3CRET') ? "a secret was sent\n" : "no secret was sent\n";
?>
--EXPECT--
Client shell_exec Unset process.executable.name="true"
Client exec Unset process.executable.name="true"
Client system Unset process.executable.name="true"
Client passthru Unset process.executable.name="sh"
Client popen Unset process.executable.name="sh"
Client proc_open Unset process.executable.name="true"
no secret was sent
