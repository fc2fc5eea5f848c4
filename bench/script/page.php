<?php
// A page as pages are: some work, some queries.
function rowsOf(PDO $db, int $below): array
{
    $query = $db->prepare('SELECT id, name FROM product WHERE id < ?');
    $query->execute([$below]);
    return $query->fetchAll(PDO::FETCH_ASSOC);
}

function page(): string
{
    $out = '';
    if (extension_loaded('pdo_sqlite')) {
        $db = new PDO('sqlite::memory:');
        $db->exec('CREATE TABLE product (id INT, name TEXT)');
        $db->exec("INSERT INTO product VALUES (1, 'one'), (2, 'two'), (3, 'three')");
        foreach ([2, 3, 4] as $below) {
            foreach (rowsOf($db, $below) as $row) {
                $out .= htmlspecialchars($row['name']) . "\n";
            }
        }
    }
    for ($i = 0; $i < 300; $i++) {
        $out .= strtoupper(md5((string) $i)) . "\n";
    }
    return $out;
}

if (PHP_SAPI !== 'cli') {
    echo page();
}
