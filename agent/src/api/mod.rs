//! The HTTP API: JSON under `/api/v1/`, described by `/api/openapi.json`; `/metrics` for
//! Prometheus; `/healthz` and `/readyz`; everything else is the dashboard.
//!
//! It only reads. Questions go to a small pool of [`Reader`]s on threads of their own, so a
//! long one holds up neither the writer nor `/healthz`.

mod answer;
mod calls;
mod dashboard;
mod filter;
mod guard;
mod inventory;
mod leaks;
mod metrics;
mod params;
mod pool;
mod series;
mod statistics;
#[cfg(test)]
mod tests;
pub mod token;
mod topology;
mod traces;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use axum::Router;
use axum::http::header;
use axum::routing::{any, get};
use tokio::sync::oneshot;

use self::answer::Trouble;
use self::pool::Pool;
use crate::live::Live;
use crate::pipeline::{Counters, Identity};
use crate::store::{Activity, Reader};

/// The description of the API, OpenAPI 3.1.
pub const OPENAPI: &str = include_str!("openapi.json");

/// What the API tells of, and who may ask.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address to listen on.
    pub http: SocketAddr,
    /// Tokens of those who may ask; none: everybody on this machine.
    pub live: Arc<Live>,
    /// Directory of all that is kept.
    pub data_dir: PathBuf,
    /// Who the agent is.
    pub identity: Identity,
    /// What the agent counts of itself.
    pub counters: Arc<Counters>,
    /// What the writer does.
    pub activity: Arc<Activity>,
}

/// What every handler has.
#[derive(Debug)]
struct State {
    options: Options,
    pool: Arc<Pool>,
    started_us: u64,
}

type Shared = axum::extract::State<Arc<State>>;

/// The running API. Ends when dropped.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of it was reported by the panic hook.
            let _ = thread.join();
        }
    }
}

/// Listens and answers, on threads of its own.
///
/// # Errors
/// When the address may not be used (it is reachable from other machines and there is no
/// token) or cannot be.
pub fn serve(options: Options, readers: Vec<Box<dyn Reader>>) -> Result<Running, String> {
    let http = options.http;
    options.live.tokens().suffice(http)?;
    let listener = TcpListener::bind(http).map_err(|e| format!("{http}: {e}"))?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    listener.set_nonblocking(true).map_err(|e| e.to_string())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(readers.len() + 1)
        .thread_name("api")
        .enable_io()
        .enable_time()
        .build()
        .map_err(|e| e.to_string())?;
    let app = router(options, readers);
    let (stop, stopped) = oneshot::channel::<()>();
    let work = async move {
        let listener = match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => listener,
            Err(e) => return tracing::error!(error = %e, "the API does not listen"),
        };
        // Whoever asks is answered or not; a stop waits for nobody.
        tokio::select! {
            ended = axum::serve(listener, app).into_future() => {
                if let Err(e) = ended {
                    tracing::error!(error = %e, "the API ended");
                }
            }
            _ = stopped => {}
        }
    };
    let thread = std::thread::Builder::new()
        .name("api".into())
        .spawn(move || {
            runtime.block_on(work);
            runtime.shutdown_background();
        })
        .map_err(|e| e.to_string())?;
    tracing::info!(%address, "the API listens");
    Ok(Running {
        address,
        stop: Some(stop),
        thread: Some(thread),
    })
}

fn router(options: Options, readers: Vec<Box<dyn Reader>>) -> Router {
    let state = Arc::new(State {
        options,
        pool: Arc::new(Pool::new(readers)),
        started_us: params::now_us(),
    });
    let guarded = Router::new()
        .route("/metrics", get(metrics::metrics))
        .route("/api/openapi.json", get(openapi))
        .route("/api/v1/apps", get(statistics::apps))
        .route("/api/v1/apps/{app}/endpoints", get(statistics::endpoints))
        .route("/api/v1/calls", get(calls::calls))
        .route("/api/v1/series", get(series::series))
        .route("/api/v1/traces", get(traces::list))
        .route("/api/v1/traces/{trace_id}", get(traces::one))
        .route("/api/v1/topology", get(topology::topology))
        .route("/api/v1/dependencies", get(topology::dependencies))
        .route("/api/v1/processes", get(inventory::processes))
        .route("/api/v1/agents", get(inventory::agents))
        .route("/api/v1/leaks", get(leaks::leaks))
        .route("/api", any(nothing))
        .route("/api/", any(nothing))
        .route("/api/{*rest}", any(nothing))
        .method_not_allowed_fallback(async || Trouble::method())
        .layer(axum::middleware::from_fn_with_state(
            state.clone(),
            guard::guard,
        ));
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(inventory::ready))
        .merge(guarded)
        .fallback(dashboard::serve)
        .with_state(state)
}

async fn nothing() -> Trouble {
    Trouble::not_found("no such resource")
}

async fn openapi() -> ([(header::HeaderName, &'static str); 1], &'static str) {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI)
}
