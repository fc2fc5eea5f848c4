# shellcheck shell=bash
# A site of WordPress, from the package's files and this folder's. Source it.

# What is sent to its own installer (wp-admin/install.php?step=2).
# shellcheck disable=SC2034 # used by who sources this
WORDPRESS_FORM='weblog_title=Blog&user_name=admin&admin_password=secret&admin_password2=secret&pw_weak=1&admin_email=a@example.org'

# The database "wordpress" and an account for it: SITE_MYSQL, a socket, and SITE_USER.
wordpress_site() { # folder
    local ours
    ours=$(dirname "${BASH_SOURCE[0]}")
    # Without what it links to in other packages, which is not needed.
    cp -rL /usr/share/wordpress/. "$1" 2>/dev/null || true
    mkdir -p "$1/wp-content/mu-plugins"
    cp "$ours/wp-config.php" "$1"
    cp "$ours/plugin.php" "$1/wp-content/mu-plugins"
    cp -r "$ours/plain" "$1/wp-content/themes"
}
