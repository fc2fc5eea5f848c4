//! `topology` and `dependencies`: who calls whom.
//!
//! The caller and the callee each count a call. Both are shown, as edges of their own: the
//! difference is the network and the queue between them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Json;
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::Shared;
use super::answer::Trouble;
use super::params::{Params, Span};
use crate::stats::Figures;
use crate::store::Counted;

/// Whoever calls from outside.
const USER: &str = "user";

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Serialize)]
struct Node {
    id: String,
    name: String,
    r#type: String,
}

#[derive(Debug, Serialize)]
struct Edge {
    from: String,
    to: String,
    side: &'static str,
    calls: u64,
    errors: u64,
    timeouts: u64,
    avg_us: u64,
    p95_us: u64,
}

#[derive(Debug, Serialize)]
pub struct Topology {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
}

/// The whole picture.
pub async fn topology(
    state: Shared,
    Params(span): Params<Span>,
) -> Result<Json<Topology>, Trouble> {
    let range = span.range()?;
    let ask = state.pool.ask(move |r| Ok((r.edges(range)?, r.aliases()?)));
    let (rows, aliases) = ask.await?;
    Ok(Json(draw(&rows, aliases)))
}

fn draw(rows: &[Counted], aliases: Vec<(Arc<str>, Arc<str>)>) -> Topology {
    let apps: BTreeSet<Arc<str>> = rows.iter().map(|row| row.key.app.clone()).collect();
    let aliases: FxHashMap<_, _> = aliases.into_iter().collect();
    let mut nodes = BTreeSet::new();
    let mut edges: BTreeMap<(String, String, &str), Figures> = BTreeMap::new();
    for row in rows {
        let key = &row.key;
        let app = |name: &str| Node {
            id: format!("app:{name}"),
            name: name.to_owned(),
            r#type: "app".into(),
        };
        let this = app(&key.app);
        let known = if apps.contains(&key.peer) {
            Some(&key.peer)
        } else {
            aliases.get(&key.peer)
        };
        let other = match known {
            Some(name) => app(name),
            None if key.is_exit() => outside(&key.system, &key.peer),
            // Who calls without a name is a user, or a program that is not traced.
            None => Node {
                id: USER.into(),
                name: USER.into(),
                r#type: USER.into(),
            },
        };
        let (from, to, side) = if key.is_exit() {
            (&this, &other, "client")
        } else {
            (&other, &this, "server")
        };
        let edge = edges
            .entry((from.id.clone(), to.id.clone(), side))
            .or_default();
        edge.merge(&row.figures);
        nodes.extend([this, other]);
    }
    Topology {
        nodes: nodes.into_iter().collect(),
        edges: edges
            .into_iter()
            .map(|((from, to, side), figures)| Edge {
                from,
                to,
                side,
                calls: figures.calls,
                errors: figures.errors,
                timeouts: figures.timeouts,
                avg_us: figures.avg_us(),
                p95_us: figures
                    .all()
                    .quantile(0.95)
                    .map_or(0, |us| us.round() as u64),
            })
            .collect(),
    }
}

/// A database, cache, queue, or server that is not traced.
fn outside(system: &str, peer: &str) -> Node {
    let system = if system.is_empty() { "unknown" } else { system };
    let name = if peer.is_empty() { system } else { peer };
    Node {
        id: format!("{system}:{name}"),
        name: name.to_owned(),
        r#type: system.to_owned(),
    }
}

#[derive(Debug, Serialize)]
struct Dependency {
    parent: String,
    child: String,
    r#type: String,
    calls: u64,
    errors: u64,
}

#[derive(Debug, Serialize)]
pub struct Dependencies {
    dependencies: Vec<Dependency>,
}

/// What depends on what: each pair once, as the caller counted it, or else the callee.
pub async fn dependencies(
    state: Shared,
    params: Params<Span>,
) -> Result<Json<Dependencies>, Trouble> {
    let Json(topology) = topology(state, params).await?;
    let node = |id: &str| topology.nodes.iter().find(|node| node.id == id);
    let mut pairs: BTreeMap<(&str, &str), &Edge> = BTreeMap::new();
    for edge in topology.edges.iter().filter(|edge| edge.from != USER) {
        let slot = pairs.entry((&edge.from, &edge.to)).or_insert(edge);
        if edge.side == "client" {
            *slot = edge;
        }
    }
    let dependencies = pairs
        .into_iter()
        .filter_map(|((from, to), edge)| {
            let (parent, child) = (node(from)?, node(to)?);
            Some(Dependency {
                parent: parent.name.clone(),
                child: child.name.clone(),
                r#type: child.r#type.clone(),
                calls: edge.calls,
                errors: edge.errors,
            })
        })
        .collect();
    Ok(Json(Dependencies { dependencies }))
}
