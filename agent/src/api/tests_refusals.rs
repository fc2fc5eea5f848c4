//! Who gets no answer, and how it is told.

use super::*;

#[test]
fn errors_have_their_shape_and_status() {
    let api = api(Tokens::default(), |_| ());
    for (uri, status, code) in [
        ("/api/v1/nothing", 404, "not_found"),
        ("/api/", 404, "not_found"),
        ("/api", 404, "not_found"),
        (&*format!("/api/v1/traces/{TRACE}"), 404, "not_found"),
        ("/api/v1/traces/xyz", 400, "bad_request"),
        ("/api/v1/traces?status=bad", 400, "bad_request"),
        ("/api/v1/traces?limit=many", 400, "bad_request"),
        ("/api/v1/traces?cursor=1", 400, "bad_request"),
        ("/api/v1/traces?attr=novalue", 400, "bad_request"),
        ("/api/v1/traces?min_ms=NaN", 400, "bad_request"),
        ("/api/v1/traces?unknown=1", 400, "bad_request"),
        ("/api/v1/apps?from=5&to=4", 400, "bad_request"),
        ("/api/v1/traces?max_ms=-1", 400, "bad_request"),
        ("/api/v1/traces?sort=best", 400, "bad_request"),
        (
            "/api/v1/traces?sort=duration&cursor=1.1.1",
            400,
            "bad_request",
        ),
        ("/api/v1/calls?by=colour", 400, "bad_request"),
        ("/api/v1/calls?sort=best", 400, "bad_request"),
        ("/api/v1/calls?kind=best", 400, "bad_request"),
        ("/api/v1/series?step=61", 400, "bad_request"),
        ("/api/v1/series?from=0&step=60", 400, "bad_request"),
        ("/api/v1/series?by=host", 400, "bad_request"),
    ] {
        let (got, body) = api.send(uri, &[("host", "localhost")]);
        let answer: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (got.as_u16(), &answer["error"]["code"]),
            (status, &json!(code)),
            "{uri}"
        );
        check("/api/v1/traces", "default", &answer);
    }
}

#[test]
fn strangers_get_nothing() {
    let open = api(Tokens::default(), |_| ());
    let status = |api: &Api, headers: &[(&str, &str)]| api.send("/api/v1/apps", headers).0.as_u16();
    assert_eq!(status(&open, &[("host", "localhost:9666")]), 200);
    assert_eq!(status(&open, &[("host", "evil.example")]), 403);
    assert_eq!(status(&open, &[]), 403);
    assert_eq!(
        status(
            &open,
            &[("host", "localhost"), ("sec-fetch-site", "cross-site")]
        ),
        403
    );
    assert_eq!(open.send("/healthz", &[]).0, 200);
    assert_eq!(open.send("/readyz", &[]).0, 200);

    let scratch = Scratch::new();
    let path = scratch.path().join("tokens");
    let token = token::create(&path, "test").unwrap();
    let closed = api(Tokens::load(&path).unwrap(), |_| ());
    let bearer = format!("Bearer {token}");
    assert_eq!(status(&closed, &[("host", "localhost")]), 401);
    assert_eq!(status(&closed, &[("authorization", "Bearer no")]), 401);
    assert_eq!(
        status(
            &closed,
            &[("host", "tracker.example"), ("authorization", &bearer)]
        ),
        200
    );
    assert_eq!(closed.send("/metrics", &[("host", "localhost")]).0, 401);
    assert_eq!(closed.send("/api/nothing", &[("host", "localhost")]).0, 401);
    // The page itself tells nothing, and asks for the token.
    assert_eq!(closed.send("/app/shop", &[]).0, 200);
    assert_eq!(closed.send("/healthz", &[]).0, 200);
}

#[test]
fn another_address_needs_a_token() {
    let scratch = Scratch::new();
    let store = SqliteStore::open(scratch.path(), Limits::default()).unwrap();
    let shared = WriterOptions::default();
    let mut options = Options {
        http: SocketAddr::from(([0, 0, 0, 0], 0)),
        data_dir: scratch.path().to_owned(),
        live: Arc::default(),
        identity: Identity {
            agent_id: String::new(),
            boot_id: 1,
            host: String::new(),
        },
        counters: shared.counters,
        activity: shared.activity,
    };
    let refused = serve(options.clone(), Vec::new()).unwrap_err();
    assert!(refused.contains("token"), "{refused}");
    options.http = SocketAddr::from(([127, 0, 0, 1], 0));
    let running = serve(options, vec![Box::new(store.reader().unwrap())]).unwrap();
    let mut stream = std::net::TcpStream::connect(running.address).unwrap();
    std::io::Write::write_all(&mut stream, b"GET /healthz HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.0 200") && answer.ends_with("ok\n"),
        "{answer}"
    );
    let address = running.address;
    drop(running);
    assert!(std::net::TcpStream::connect(address).is_err());
}
