//! Frames that no extension sends, and peers that behave badly: each costs its own
//! connection, is counted, and harms no other.

mod receiver;
mod scratch;

use std::net::Shutdown;

use receiver::{Receiver, batch, fat_batch, hello, wait};
use tracker_agent::pipeline::Loss;
use tracker_protocol::limits::{MAX_FRAME, MAX_RECORDS};

/// A header of the wire.
fn header(version: u8, kind: u8, len: u32) -> Vec<u8> {
    [&b"SWTK"[..], &[version, kind, 0, 0], &len.to_be_bytes()].concat()
}

#[test]
fn a_frame_cut_at_every_byte_is_truncated_and_nothing_of_it_is_taken() {
    let receiver = Receiver::start(1000);
    let mut healthy = receiver.connect();
    healthy.greet(1);
    let stream = [hello(2), batch(1), batch(2)].concat();
    let ends = [0, hello(2).len(), hello(2).len() + batch(1).len()];
    let mut cuts = 0;
    for cut in 0..stream.len() {
        let mut peer = receiver.connect();
        peer.send(&stream[..cut]);
        drop(peer);
        cuts += u64::from(!ends.contains(&cut));
    }
    receiver.expect_lost(Loss::Truncated, cuts);
    receiver.expect_only(&[Loss::Truncated]);
    healthy.send(&batch(1));
    healthy.expect_ack(1);
    wait("both batches", || {
        receiver.numbers(1) == [1] && receiver.numbers(2) == [1]
    });
}

#[test]
fn a_stream_in_pieces_of_one_byte_is_understood() {
    let receiver = Receiver::start(10);
    let mut peer = receiver.connect();
    for byte in [hello(1), batch(1), batch(2)].concat() {
        peer.send(&[byte]);
    }
    assert_eq!(peer.receive().unwrap().0 as u8, 65);
    peer.expect_ack(2);
    receiver.expect_only(&[]);
}

#[test]
fn what_is_no_frame_closes_the_connection() {
    use tracker_protocol::msgpack::Write as _;
    let huge_array = [&[0x92, 1, 0xdd][..], &u32::MAX.to_be_bytes()].concat();
    let mut too_many = vec![0x92, 1];
    too_many.array(MAX_RECORDS as usize + 1);
    too_many.resize(too_many.len() + MAX_RECORDS as usize + 1, 0xc0);
    let framed = |kind, body: &[u8]| [&header(1, kind, body.len() as u32)[..], body].concat();
    let after_hello = |bytes: &[u8]| [&hello(9)[..], bytes].concat();
    let cases: [(&str, Vec<u8>, Loss); 13] = [
        ("http", b"GET / HTTP/1.1\r\n\r\n".to_vec(), Loss::Magic),
        ("another version", header(2, 1, 0), Loss::Version),
        ("4 GiB", header(1, 2, u32::MAX), Loss::TooLong),
        (
            "one too long",
            header(1, 2, MAX_FRAME as u32 + 1),
            Loss::TooLong,
        ),
        ("garbage later", after_hello(b"\0\0\0\0"), Loss::Magic),
        ("empty greeting", framed(1, &[]), Loss::Malformed),
        ("no greeting", framed(1, b"\xc0"), Loss::Malformed),
        (
            "claimed array in a greeting",
            framed(1, &[&[0xdd][..], &[255; 4]].concat()),
            Loss::Malformed,
        ),
        ("empty batch", after_hello(&framed(2, &[])), Loss::Malformed),
        (
            "claimed array in a batch",
            after_hello(&framed(2, &huge_array)),
            Loss::Malformed,
        ),
        (
            "too many records",
            after_hello(&framed(2, &too_many)),
            Loss::Malformed,
        ),
        ("batch before greeting", batch(1), Loss::Order),
        ("two greetings", after_hello(&hello(9)), Loss::Order),
    ];
    let receiver = Receiver::start(100);
    let mut healthy = receiver.connect();
    healthy.greet(1);
    for (n, (what, bytes, loss)) in (1..).zip(&cases) {
        let before = receiver.counters.lost(*loss);
        let mut peer = receiver.connect();
        peer.send(bytes);
        while let Some((kind, _)) = peer.receive() {
            assert_ne!(kind as u8, 66, "{what}: acknowledged");
        }
        assert_eq!(receiver.counters.lost(*loss), before + 1, "{what}");
        healthy.send(&batch(n));
        healthy.expect_ack(n);
    }
    receiver.expect_only(&[
        Loss::Magic,
        Loss::Version,
        Loss::TooLong,
        Loss::Malformed,
        Loss::Order,
    ]);
    assert!(receiver.numbers(9).is_empty());
}

#[test]
fn a_newer_peers_frames_and_records_are_skipped() {
    let receiver = Receiver::start(10);
    let mut peer = receiver.connect();
    peer.greet(1);
    peer.send(&[&header(1, 40, 3)[..], b"new"].concat());
    peer.send(&fat_batch(1, 10));
    peer.expect_ack(1);
    receiver.expect_lost(Loss::UnknownFrame, 1);
}

#[test]
fn the_largest_frame_is_taken_and_duplicates_and_gaps_are_counted() {
    let receiver = Receiver::start(10);
    let mut peer = receiver.connect();
    assert_eq!(peer.greet(1), 0);
    let largest = fat_batch(1, MAX_FRAME - 14);
    assert!(largest.len() > MAX_FRAME, "{}", largest.len());
    peer.send(&largest);
    peer.expect_ack(1);
    peer.send(&batch(5));
    peer.expect_ack(5);
    drop(peer);
    let mut peer = receiver.connect();
    assert_eq!(peer.greet(1), 5, "what is kept is told");
    peer.send(&[batch(4), batch(5), batch(6)].concat());
    peer.expect_ack(6);
    receiver.expect_lost(Loss::Skipped, 3);
    receiver.expect_only(&[Loss::Skipped]);
    assert_eq!(
        receiver
            .counters
            .duplicates
            .load(std::sync::atomic::Ordering::Relaxed),
        2
    );
    wait("each once", || receiver.numbers(1) == [1, 5, 6]);
}

#[test]
fn who_sends_and_goes_is_heard_to_the_end() {
    let receiver = Receiver::start(100);
    for start_id in 1..=50 {
        let mut peer = receiver.connect();
        peer.send(&[hello(start_id), fat_batch(1, 100_000), batch(2)].concat());
        // Its answers are never read: a process at its end.
        peer.stream.shutdown(Shutdown::Read).unwrap();
    }
    wait("all of them", || {
        (1..=50).all(|id| receiver.numbers(id) == [1, 2])
    });
    receiver.expect_only(&[]);
}

#[test]
fn who_reads_no_answers_costs_no_memory_and_no_other() {
    let receiver = Receiver::start(10);
    let mut deaf = receiver.connect();
    deaf.send(&hello(1));
    for number in 1..=20_000 {
        deaf.send(&batch(number));
    }
    let mut other = receiver.connect();
    other.greet(2);
    other.send(&batch(1));
    other.expect_ack(1);
    deaf.expect_welcome_then_ack(20_000);
}

impl receiver::Peer {
    fn expect_welcome_then_ack(&mut self, number: u64) {
        assert_eq!(self.receive().unwrap().0 as u8, 65);
        self.expect_ack(number);
    }
}

#[test]
fn five_hundred_silent_connections_cost_nothing_and_one_too_many_is_refused() {
    let receiver = Receiver::start(500);
    let mut peers: Vec<_> = (0..500)
        .map(|n| {
            let mut peer = receiver.connect();
            peer.greet(n);
            peer
        })
        .collect();
    let mut refused = receiver.connect();
    refused.expect_end();
    receiver.expect_lost(Loss::Connections, 1);
    let last = peers.last_mut().unwrap();
    last.send(&batch(1));
    last.expect_ack(1);
    drop(peers);
    let connections = &receiver.counters.connections;
    wait("all gone", || {
        connections.load(std::sync::atomic::Ordering::Relaxed) == 0
    });
    receiver.connect().greet(1);
}

#[test]
fn a_store_without_room_stops_the_senders_and_loses_nothing() {
    let receiver = Receiver::start(10);
    receiver.taken.lock().unwrap().is_full = true;
    let socket = receiver.socket.clone();
    let sender = std::thread::spawn(move || {
        let mut peer = receiver::Peer::connect(&socket);
        peer.greet(1);
        for number in 1..=40 {
            peer.send(&fat_batch(number, 2 << 20));
        }
        peer.expect_ack(40);
    });
    wait("the queue is full", || {
        let waiting = receiver
            .counters
            .queue_bytes
            .load(std::sync::atomic::Ordering::Relaxed);
        waiting >= 32 << 20
    });
    std::thread::sleep(std::time::Duration::from_millis(300));
    let waiting = receiver
        .counters
        .queue_bytes
        .load(std::sync::atomic::Ordering::Relaxed);
    assert!(waiting < 36 << 20, "{waiting}");
    receiver.taken.lock().unwrap().is_full = false;
    sender.join().unwrap();
    wait("all", || {
        receiver.numbers(1) == (1..=40).collect::<Vec<_>>()
    });
    receiver.expect_only(&[]);
}

#[test]
fn a_begun_frame_that_does_not_go_on_is_given_up() {
    let receiver = Receiver::start(100);
    let mut silent = receiver.connect();
    let mut idle = receiver.connect();
    idle.greet(1);
    let mut slow = receiver.connect();
    slow.greet(2);
    slow.send(&batch(1)[..5]);
    silent.expect_end();
    slow.expect_end();
    receiver.expect_lost(Loss::Slow, 2);
    idle.send(&batch(1));
    idle.expect_ack(1);
}
