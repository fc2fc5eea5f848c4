<?php
define('DB_NAME', 'wordpress');
define('DB_USER', getenv('SITE_USER'));
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:' . getenv('SITE_MYSQL'));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    define("{$name}_KEY", 'key of a test');
    define("{$name}_SALT", 'salt of a test');
}
$table_prefix = 'wp_';
define('WP_HOME', 'http://127.0.0.1:' . $_SERVER['SERVER_PORT']);
define('WP_SITEURL', WP_HOME);
// Its times of work would be requests that the test did not send.
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('WP_ACCESSIBLE_HOSTS', '127.0.0.1');
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_DEFAULT_THEME', 'plain');
defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');
require ABSPATH . 'wp-settings.php';
