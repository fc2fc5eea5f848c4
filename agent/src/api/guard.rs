//! Who may ask.

use std::sync::Arc;

use axum::extract::{Request, State as Axum};
use axum::http::{HeaderMap, HeaderName, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::State;
use super::answer::Trouble;

/// Lets through who may ask. With tokens: who has one. Without: who is on this machine and
/// named it so. A page of another site whose name was made to point here (DNS
/// rebinding) still sends its own name as `Host`.
pub async fn guard(Axum(state): Axum<Arc<State>>, request: Request, next: Next) -> Response {
    let mut response = match check(&state, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(trouble) => trouble.into_response(),
    };
    let headers = response.headers_mut();
    let nosniff = HeaderName::from_static("x-content-type-options");
    headers.insert(nosniff, header::HeaderValue::from_static("nosniff"));
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store"),
    );
    response
}

fn check(state: &State, headers: &HeaderMap) -> Result<(), Trouble> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("sec-fetch-site") == Some("cross-site") {
        return Err(Trouble::forbidden("asked by a page of another site"));
    }
    let tokens = state.options.live.tokens();
    if tokens.is_empty() {
        return if text("host").is_some_and(is_local) {
            Ok(())
        } else {
            Err(Trouble::forbidden(
                "asked under a name that is not this machine's own",
            ))
        };
    }
    let bearer = text("authorization").and_then(|value| value.strip_prefix("Bearer "));
    if bearer.is_some_and(|token| tokens.knows(token.trim())) {
        Ok(())
    } else {
        Err(Trouble::unauthorized(bearer.is_some()))
    }
}

/// Whether a `Host` header names this machine by a name that nobody else can have.
fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => host.split(':').next().unwrap_or(""),
    };
    let address = name.parse::<std::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        for host in [
            "localhost",
            "LOCALHOST:9666",
            "127.0.0.1:9666",
            "[::1]:9666",
            "127.8.8.8",
        ] {
            assert!(is_local(host), "{host}");
        }
        for host in [
            "",
            "evil.example:9666",
            "localhost.evil.example",
            "10.0.0.1",
            "[::2]",
            "127.0.0.1.nip.io",
        ] {
            assert!(!is_local(host), "{host}");
        }
    }
}
