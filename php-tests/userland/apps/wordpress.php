<?php
// WordPress' own class for requests, with the functions that it calls stubbed:
// no database.
foreach ([getenv('WORDPRESS'), '/usr/share/wordpress', '/var/www/html'] as $root) {
    if ($root && is_file("$root/wp-includes/class-wp.php")) {
        break;
    }
}
require "$root/wp-includes/class-wp.php";
class Rewrite
{
    public $index = 'index.php';
    public $pagination_base = 'page';
    public $rules = ['([^/]+)/?$' => 'index.php?name=$matches[1]'];
    public function wp_rewrite_rules() { return $this->rules; }
    public function using_index_permalinks() { return false; }
}
class WP_MatchesMapRegex
{
    public static function apply($query, $matches) { return str_replace('$matches[1]', $matches[1], $query); }
}
function apply_filters($name, $value = null) { return $value; }
function apply_filters_ref_array($name, $args) { return $args[0]; }
function do_action_ref_array() {}
function wp_parse_str($text, &$out) { parse_str($text, $out); }
function home_url() { return 'http://site.test'; }
function admin_url() { return ''; }
function get_taxonomies() { return []; }
function get_post_types() { return []; }
function is_admin() { return false; }
function wp_unslash($value) { return $value; }
function wp_resolve_numeric_slug_conflicts($variables) { return $variables; }
function get_query_var() { return ''; }
function trailingslashit($text) { return rtrim($text, '/') . '/'; }
$wp_rewrite = new Rewrite();
$_SERVER['PHP_SELF'] = '/index.php';
foreach (['/hello-world/', '/'] as $uri) {
    $_SERVER['REQUEST_URI'] = $uri;
    $wp = new WP();
    $wp->parse_request();
    echo json_encode($wp->query_vars), "\n";
}
