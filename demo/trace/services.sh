# shellcheck shell=bash
# The servers of the demo, each with folders of its own under $RUN, none of which
# is the machine's. Source it. A starter returns 1, having said why, when its
# server is not to be had.

PIDS=()

# What is started last is stopped first; whoever does not obey within 5 s is killed.
stop_all() {
    local i pid
    for ((i = ${#PIDS[@]} - 1; i >= 0; i--)); do
        pid=${PIDS[i]}
        kill "$pid" 2>/dev/null || continue
        for _ in {1..100}; do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.05
        done
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    PIDS=()
    [[ ! -d $RUN ]] || rm -rf "$RUN"
    [[ $SOCKETS == "$RUN" ]] || rm -rf "$SOCKETS"
}

left_out() { say "left out: $*"; }

# In a group of its own: Ctrl-C reaches this script, which then stops them in order.
start() { # name command...
    local name=$1
    shift
    setsid "$@" >"$RUN/$name.out" 2>&1 </dev/null &
    PIDS+=($!)
}

until_true() { # seconds command...
    local tries=$(($1 * 20))
    shift
    while ((tries-- > 0)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.05
    done
    return 1
}

failed() { # name
    tail -n 5 "$RUN/$1.out" >&2
    left_out "$1 does not start"
    return 1
}

program() { # name...: the first that is there
    local name
    for name in "$@"; do
        PATH=$PATH:/usr/sbin:/sbin command -v "$name" && return
    done
    return 1
}

# shellcheck disable=SC2016 # PHP's variables, here and below
free_port() {
    "$PHP" -n -r '$s = stream_socket_server("tcp://127.0.0.1:0"); echo explode(":", stream_socket_get_name($s, false))[1];'
}

# shellcheck disable=SC2016
listens() { # port
    "$PHP" -n -r 'exit(@fsockopen("127.0.0.1", (int) $argv[1]) ? 0 : 1);' -- "$1"
}

# What the shop keeps in MariaDB.
shop_tables() {
    # One statement on a line: so the server reads it.
    echo 'CREATE DATABASE shop;'
    echo 'USE shop;'
    echo 'CREATE TABLE products (id INT PRIMARY KEY, name VARCHAR(40), price INT);'
    echo 'CREATE TABLE reviews (product_id INT, author VARCHAR(40), stars INT);'
    echo 'CREATE TABLE stock (product_id INT PRIMARY KEY, pieces INT);'
    echo "INSERT INTO products SELECT seq, CONCAT('Product ', seq), 100 * seq FROM seq_1_to_40;"
    echo "INSERT INTO reviews SELECT seq, CONCAT('visitor ', seq), 1 + seq MOD 5 FROM seq_1_to_40;"
    echo 'INSERT INTO stock SELECT seq, 7 * seq MOD 40 FROM seq_1_to_40;'
}

# Its standard input is run at the start, one statement a line; it creates the
# databases.
start_mariadb() { # database...
    local server install database
    if ! server=$(program mariadbd) || ! install=$(program mariadb-install-db); then
        left_out 'MariaDB (package mariadb-server-core)'
        return 1
    fi
    mkdir -p "$RUN/mariadb"
    local user
    user=$(id -un)
    "$install" --no-defaults --datadir="$RUN/mariadb" --user="$user" --auth-root-authentication-method=socket \
        --auth-root-socket-user="$user" --skip-test-db >"$RUN/mariadb-install.out" 2>&1 || failed mariadb-install || return 1
    {
        cat
        # An account for this user alone, known by the socket: no password anywhere.
        echo "CREATE USER IF NOT EXISTS '$user'@localhost IDENTIFIED VIA unix_socket;"
        for database in "$@"; do
            echo "GRANT ALL ON $database.* TO '$user'@localhost;"
        done
    } >"$RUN/mariadb.sql"
    start mariadb "$server" --no-defaults --datadir="$RUN/mariadb" --user="$user" --socket="$SOCKETS/mysql.sock" \
        --pid-file="$RUN/mariadb.pid" --skip-networking --innodb-buffer-pool-size=16M --innodb-log-file-size=8M \
        --performance-schema=OFF --init-file="$RUN/mariadb.sql"
    until_true 30 test -S "$SOCKETS/mysql.sock" || failed mariadb
}

start_redis() {
    local server
    if server=$(program redis-server); then
        :
    elif server=$(program redis-check-rdb); then
        # One program under two names; its package has no service.
        ln -s "$server" "$RUN/redis-server"
        server="$RUN/redis-server"
    else
        left_out 'Redis (package redis-tools)'
        return 1
    fi
    mkdir -p "$RUN/redis"
    start redis "$server" --port 0 --unixsocket "$SOCKETS/redis.sock" --dir "$RUN/redis" --save '' --appendonly no
    until_true 10 test -S "$SOCKETS/redis.sock" || failed redis || return 1
    export SHOP_REDIS="$SOCKETS/redis.sock"
}

# The agent listens on a free port, which it tells in its log.
start_agent() {
    AGENT_HTTP=127.0.0.1:$(free_port)
    start agent "$AGENT" run --socket "$SOCKETS/agent.sock" --data-dir "$RUN/agent" --http "$AGENT_HTTP"
    until_true 10 "$AGENT" status --socket "$SOCKETS/agent.sock" --http "$AGENT_HTTP" || die "the agent does not start: $(cat "$RUN/agent.out")"
}

# One pool for each service, as two teams would run them.
start_fpm() {
    local server name
    server=$(program "php-fpm$PHP_SERIES") || {
        left_out "php-fpm (package php$PHP_SERIES-fpm)"
        return 1
    }
    {
        printf '[global]\nerror_log = %s\ndaemonize = no\n' "$RUN/fpm.log"
        for name in shop stock; do
            printf '[%s]\nlisten = %s\npm = static\npm.max_children = 2\nclear_env = no\n' "$name" "$SOCKETS/$name.sock"
            printf 'php_admin_value[apm.service_name] = %s\n' "$name"
            if ((EUID == 0)); then printf 'user = root\ngroup = root\n'; fi
        done
    } >"$RUN/fpm.conf"
    local as_root=()
    if ((EUID == 0)); then as_root=(--allow-to-run-as-root); fi
    start fpm "$server" --nodaemonize "${as_root[@]}" --fpm-config "$RUN/fpm.conf" "${SETTINGS[@]}"
    until_true 10 test -S "$SOCKETS/stock.sock" || failed fpm
}

start_nginx() { # script
    local server name port parameter
    server=$(program nginx) || {
        left_out 'nginx (package nginx)'
        return 1
    }
    mkdir -p "$RUN/nginx"
    {
        if ((EUID == 0)); then echo 'user root;'; fi
        echo "daemon off; worker_processes 1; pid $RUN/nginx/pid; error_log $RUN/nginx/error.log;"
        echo 'events { worker_connections 64; }'
        echo 'http { access_log off;'
        for name in client_body proxy fastcgi uwsgi scgi; do
            echo "${name}_temp_path $RUN/nginx/$name;"
        done
        for name in shop stock; do
            port=$SHOP_PORT
            [[ $name == shop ]] || port=$STOCK_PORT
            echo "server { listen 127.0.0.1:$port; location / { fastcgi_pass unix:$SOCKETS/$name.sock;"
            echo "fastcgi_param SCRIPT_FILENAME $1; fastcgi_param SCRIPT_NAME /index.php;"
            # shellcheck disable=SC2016 # nginx's variables
            for parameter in 'REQUEST_METHOD $request_method' 'REQUEST_URI $request_uri' 'QUERY_STRING $query_string' \
                'SERVER_PROTOCOL $server_protocol' 'SERVER_NAME $server_name' 'SERVER_PORT $server_port' \
                'SERVER_ADDR $server_addr' 'REMOTE_ADDR $remote_addr' 'REMOTE_PORT $remote_port' \
                'CONTENT_TYPE $content_type' 'CONTENT_LENGTH $content_length'; do
                echo "fastcgi_param $parameter;"
            done
            echo '} }'
        done
        echo '}'
    } >"$RUN/nginx.conf"
    start nginx "$server" -p "$RUN/nginx/" -e "$RUN/nginx/error.log" -c "$RUN/nginx.conf"
    until_true 10 listens "$SHOP_PORT" || failed nginx
}

# PHP's own server, where nginx or FPM is not there: one process for each service.
start_php_server() { # script
    local name port
    # A folder with an index.php gets every path that is no file.
    mkdir -p "$RUN/public"
    ln -sf "$1" "$RUN/public/index.php"
    for name in stock shop; do
        port=$SHOP_PORT
        [[ $name == shop ]] || port=$STOCK_PORT
        start "php-$name" "$PHP" "${SETTINGS[@]}" -d "apm.service_name=$name" -S "127.0.0.1:$port" -t "$RUN/public"
        until_true 10 listens "$port" || die "php -S does not start: $(cat "$RUN/php-$name.out")"
    done
}
