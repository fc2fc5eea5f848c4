<?php
/* What a plugin of a site does: addresses, an action of admin-ajax, a REST route. */

add_filter('pre_option_permalink_structure', fn () => '/%year%/%postname%/');
// No mail leaves the test.
add_filter('pre_wp_mail', '__return_true');
add_filter('http_request_host_is_external', '__return_true');
add_filter('http_allowed_safe_ports', fn ($ports) => [...$ports, (int) $_SERVER['SERVER_PORT']]);

foreach (['wp_ajax_likes', 'wp_ajax_nopriv_likes'] as $action) {
    add_action($action, fn () => wp_send_json(['likes' => 3]));
}
add_action('rest_api_init', function () {
    register_rest_route('shop/v1', '/product/(?P<id>\d+)', [
        'methods' => 'GET',
        'permission_callback' => '__return_true',
        'callback' => fn ($request) => ['product' => (int) $request['id']],
    ]);
    register_rest_route('shop/v1', '/broken', [
        'methods' => 'GET',
        'permission_callback' => '__return_true',
        'callback' => fn () => throw new DomainException('no stock'),
    ]);
});
// A page that asks another service.
add_action('template_redirect', function () {
    if (isset($_GET['ask'])) {
        $answer = wp_remote_get('http://127.0.0.1:' . $_SERVER['SERVER_PORT'] . '/wp-json/shop/v1/product/7');
        exit(is_wp_error($answer) ? $answer->get_error_message() : wp_remote_retrieve_body($answer));
    }
    if (isset($_GET['break'])) {
        global $wpdb;
        $wpdb->suppress_errors();
        $wpdb->query('SELECT nothing FROM nowhere');
        exit('broken');
    }
});
