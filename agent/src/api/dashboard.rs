//! The dashboard: files that were embedded when the agent was built.
//!
//! They hold nothing of anybody, so they are given without a token; what they show they ask
//! of `/api/v1/`, which wants one where there are any.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::answer::Trouble;

/// A file of the dashboard.
struct File {
    path: &'static str,
    body: &'static [u8],
    gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/dashboard.rs"));

/// Served where the agent was built without a dashboard.
const NOT_BUILT: &str = include_str!("dashboard.html");

/// Scripts, styles and data from here alone, nothing inline; in nobody's frame.
const POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";

/// A file, or the page: it finds the way for every address that is no file.
pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return Trouble::method().into_response();
    }
    let accepted = headers.get(header::ACCEPT_ENCODING);
    let takes_gzip = accepted
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|one| one.trim().starts_with("gzip")));
    answer(FILES, uri.path(), takes_gzip)
}

fn answer(files: &'static [File], path: &str, takes_gzip: bool) -> Response {
    let find = |path: &str| files.iter().find(|file| file.path == path);
    // The name of such a file has a hash of what is in it.
    let is_asset = path.starts_with("/assets/");
    let mut response = match find(path) {
        Some(file) => body(file, takes_gzip),
        None if is_asset => return Trouble::not_found("no such file").into_response(),
        None => match find("/index.html") {
            Some(file) => body(file, takes_gzip),
            None => (
                [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
                NOT_BUILT,
            )
                .into_response(),
        },
    };
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "no-referrer");
    set(
        header::CACHE_CONTROL,
        if is_asset {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        },
    );
    response
}

fn body(file: &'static File, takes_gzip: bool) -> Response {
    let packed = file.gzip.filter(|_| takes_gzip);
    let kind = [(header::CONTENT_TYPE, content_type(file.path))];
    let mut response = (StatusCode::OK, kind, packed.unwrap_or(file.body)).into_response();
    if file.gzip.is_some() {
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if packed.is_some() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static BUILT: &[File] = &[
        File {
            path: "/assets/index-abc.js",
            body: b"plain",
            gzip: Some(b"packed"),
        },
        File {
            path: "/index.html",
            body: b"<page>",
            gzip: None,
        },
    ];

    fn get(files: &'static [File], path: &str, takes_gzip: bool) -> (u16, HeaderMap, String) {
        use http_body_util::BodyExt;
        let response = answer(files, path, takes_gzip);
        let (parts, body) = response.into_parts();
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let bytes = runtime.unwrap().block_on(body.collect()).unwrap();
        let text = String::from_utf8(bytes.to_bytes().to_vec()).unwrap();
        (parts.status.as_u16(), parts.headers, text)
    }

    #[test]
    fn assets_are_kept_for_good_and_pages_asked_for_again() {
        let (status, headers, body) = get(BUILT, "/assets/index-abc.js", false);
        assert_eq!((status, &*body), (200, "plain"));
        assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
        assert!(
            headers["cache-control"]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
        assert!(headers.get("content-encoding").is_none());

        let (_, headers, body) = get(BUILT, "/assets/index-abc.js", true);
        assert_eq!(body, "packed");
        assert_eq!(headers["content-encoding"], "gzip");
        assert_eq!(headers["vary"], "accept-encoding");

        for path in ["/", "/app/shop", "/app/a%2Fb/endpoint/GET%20%2F"] {
            let (status, headers, body) = get(BUILT, path, true);
            assert_eq!((status, &*body), (200, "<page>"), "{path}");
            assert_eq!(headers["cache-control"], "no-cache");
        }
        assert_eq!(get(BUILT, "/assets/index-old.js", true).0, 404);
    }

    #[test]
    fn every_page_is_closed_to_others() {
        for files in [BUILT, &[]] {
            let (_, headers, _) = get(files, "/", false);
            let policy = headers["content-security-policy"].to_str().unwrap();
            assert!(policy.starts_with("default-src 'self';"), "{policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
            assert!(!policy.contains("unsafe"), "{policy}");
            assert_eq!(headers["x-content-type-options"], "nosniff");
        }
    }

    #[test]
    fn without_a_dashboard_it_says_how_to_build_it() {
        let (status, headers, body) = get(&[], "/app/shop", true);
        assert_eq!(status, 200);
        assert_eq!(headers["content-type"], "text/html; charset=utf-8");
        assert!(body.contains("make build"), "{body}");
    }
}
