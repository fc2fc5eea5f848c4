<?php
$db = new PDO('sqlite:' . $argv[1]);
$db->exec('CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, receipts INTEGER DEFAULT 0)');
$db->exec("INSERT INTO users (id, name) VALUES (7, 'Ada'), (13, 'Bob')");
$db->exec('CREATE TABLE jobs (id INTEGER PRIMARY KEY, queue TEXT, payload TEXT, attempts INTEGER, reserved_at INTEGER, available_at INTEGER, created_at INTEGER)');
