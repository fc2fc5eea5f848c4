<?php
// 200,000 calls of internal functions that nobody instruments. Calls by a name in
// a variable: the compiler cannot turn them into something else.
$abs = 'abs';
$min = 'min';
$sum = 0;
for ($i = 0; $i < 100_000; $i++) {
    $sum += $abs(-$i) + $min($i, 7);
}
