//! Sends an agent an hour of a small shop, always the same: for tests of the dashboard and
//! for whoever works on it.
//!
//! ```text
//! seed SOCKET
//! ```
//!
//! It prints what was sent as a line of JSON, once all of it is acknowledged.

mod leaks;
mod statistics;
mod traces;

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tracker_protocol::frame::{self, Type};
use tracker_protocol::message::{Ack, Batch, Hello};
use tracker_protocol::record::Drops;

/// Records of one process, one after the other, and their number.
#[derive(Default)]
struct Records {
    bytes: Vec<u8>,
    count: usize,
}

fn main() -> io::Result<()> {
    let socket = std::env::args().nth(1).ok_or(io::ErrorKind::InvalidInput)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now_us = now.map_or(0, |since| since.as_micros() as u64);

    let mut shop = Records::default();
    let mut stock = Records::default();
    let apps = statistics::write(&mut shop, &mut stock, now_us / 1_000_000);
    let traces = traces::write(&mut shop, &mut stock, now_us);
    let leaks = leaks::write(&mut stock, now_us);
    Drops::write(&mut shop.bytes, &[("queue_full", 7)]);
    shop.count += 1;

    let hello = |start_id, pid, app| Hello {
        start_id,
        pid,
        app,
        extension: env!("CARGO_PKG_VERSION"),
        php: "8.2.29",
        started_us: now_us - 3_600_000_000,
        ..Hello::default()
    };
    send(
        &socket,
        &Hello {
            host: "web1",
            sapi: "fpm-fcgi",
            title: "pool www",
            ..hello(0x51, 4_711, "shop")
        },
        &shop,
    )?;
    send(
        &socket,
        &Hello {
            host: "web2",
            sapi: "cli",
            swoole: "6.2.1",
            title: "server.php",
            ..hello(0x52, 815, "stock")
        },
        &stock,
    )?;
    let sent = serde_json::json!({"apps": apps, "traces": traces, "leaks": leaks});
    println!("{sent}");
    Ok(())
}

/// Greets, sends one batch, and waits for its acknowledgement.
fn send(socket: &str, hello: &Hello<'_>, records: &Records) -> io::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut out = Vec::new();
    frame::write(&mut out, Type::Hello, |out| hello.write(out));
    frame::write(&mut out, Type::Batch, |out| {
        Batch::write(out, 1, records.count, &records.bytes);
    });
    stream.write_all(&out)?;
    let mut inbox = Vec::new();
    loop {
        while let Some(frame) = frame::read(&inbox).map_err(io::Error::other)? {
            let len = frame.len;
            match Type::of(frame.kind) {
                Some(Type::Ack) => {
                    let ack = Ack::read(frame.body).map_err(io::Error::other)?;
                    if ack.number >= 1 {
                        return Ok(());
                    }
                }
                Some(Type::Welcome) => (),
                _ => return Err(io::Error::other("refused")),
            }
            inbox.drain(..len);
        }
        let mut chunk = [0; 4096];
        let n = stream.read(&mut chunk)?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        inbox.extend_from_slice(&chunk[..n]);
    }
}
