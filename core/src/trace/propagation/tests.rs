use super::*;
use proptest::prelude::*;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

fn read_all(headers: &[(&str, &str)]) -> Option<Remote> {
    let find = |name: &str| {
        let header = headers.iter().find(|(n, _)| *n == name)?;
        Some(header.1.as_bytes())
    };
    read(find, true)
}

fn traceparent(value: &str) -> Option<Remote> {
    read_all(&[(TRACEPARENT, value)])
}

#[test]
fn traceparent_as_the_specification_has_it() {
    let remote = traceparent(&format!("00-{TRACE}-{SPAN}-01")).unwrap();
    assert_eq!(remote.trace_id.hex().as_str(), TRACE);
    assert_eq!(remote.span_id.unwrap().hex().as_str(), SPAN);
    assert_eq!((remote.sampled, remote.random), (Some(true), false));
    // Flags: only two are known.
    let flags = |f: &str| {
        let remote = traceparent(&format!("00-{TRACE}-{SPAN}-{f}")).unwrap();
        (remote.sampled, remote.random)
    };
    assert_eq!(flags("00"), (Some(false), false));
    assert_eq!(flags("03"), (Some(true), true));
    assert_eq!(flags("fc"), (Some(false), false));
    // Newer versions.
    for good in ["01", "cc", "fe"] {
        assert!(traceparent(&format!("{good}-{TRACE}-{SPAN}-01")).is_some());
        assert!(traceparent(&format!("{good}-{TRACE}-{SPAN}-01-what-the-future-has")).is_some());
        assert!(traceparent(&format!("{good}-{TRACE}-{SPAN}-01.x")).is_none());
    }
    assert!(traceparent(&format!(" \t00-{TRACE}-{SPAN}-01\t ")).is_some());
}

#[test]
fn a_wrong_traceparent_is_none() {
    let zero = "0".repeat(32);
    for wrong in [
        format!("00-{TRACE}-{SPAN}-01-"),
        format!("00-{TRACE}-{SPAN}-01-more"),
        format!("00-{TRACE}-{SPAN}-1"),
        format!("00-{TRACE}-{SPAN}"),
        format!("0-{TRACE}-{SPAN}-01"),
        format!("ff-{TRACE}-{SPAN}-01"),
        format!("0x-{TRACE}-{SPAN}-01"),
        format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
        format!("00-{TRACE}-{}-01", SPAN.to_uppercase()),
        format!("00-{zero}-{SPAN}-01"),
        format!("00-{TRACE}-{}-01", &zero[..16]),
        format!("00-{TRACE}-{SPAN}-0g"),
        format!("00_{TRACE}-{SPAN}-01"),
        format!("00-{TRACE}_{SPAN}-01"),
        // Two headers, joined.
        format!("00-{TRACE}-{SPAN}-01,00-{TRACE}-{SPAN}-01"),
        String::new(),
    ] {
        assert_eq!(traceparent(&wrong), None, "{wrong}");
    }
}

#[test]
fn precedence_and_what_comes_with_each() {
    let w3c = format!("00-{TRACE}-{SPAN}-00");
    let mut headers = vec![
        ("x-b3-traceid", TRACE),
        ("x-b3-spanid", SPAN),
        ("x-b3-sampled", "1"),
    ];
    assert_eq!(read_all(&headers).unwrap().format, Format::B3);
    headers.extend([(SWOOLE_TRACE, "a3ce929d0e0e4736"), (SWOOLE_SPAN, "")]);
    let old = read_all(&headers).unwrap();
    assert_eq!(
        (old.format, old.span_id, old.sampled),
        (Format::Swoole, None, None)
    );
    assert_eq!(old.trace_id.right_hex().as_str(), &TRACE[16..]);
    // State without a parent says nothing.
    headers.push((TRACESTATE, "a=b"));
    assert_eq!(read_all(&headers).unwrap().state.as_str(), "");
    headers.push((TRACEPARENT, &w3c));
    let new = read_all(&headers).unwrap();
    assert_eq!((new.format, new.state.as_str()), (Format::W3c, "a=b"));
    // A wrong first choice leaves room for the second.
    headers.pop();
    headers.push((TRACEPARENT, "00-junk"));
    assert_eq!(read_all(&headers).unwrap().format, Format::Swoole);
}

#[test]
fn the_originals_headers() {
    let both = swoole(b"00000000000000aB", Some(b"1234567890abcdef")).unwrap();
    assert_eq!(both.trace_id.right(), 0xab);
    assert_eq!(both.span_id.unwrap().get(), 0x1234_5678_90ab_cdef);
    assert!(swoole(TRACE.as_bytes(), None).is_some());
    for wrong in ["", "0000000000000000", "123", "zzzzzzzzzzzzzzzz"] {
        assert_eq!(swoole(wrong.as_bytes(), None), None, "{wrong}");
    }
}

#[test]
fn b3_in_both_forms() {
    let single = |value: &str| read_all(&[(B3, value)]);
    let sampled = |value: &str| single(value).map(|r| r.sampled);
    assert_eq!(sampled(&format!("{TRACE}-{SPAN}")), Some(None));
    assert_eq!(sampled(&format!("{TRACE}-{SPAN}-1")), Some(Some(true)));
    assert_eq!(
        sampled(&format!("{}-{SPAN}-0", &TRACE[16..])),
        Some(Some(false))
    );
    assert_eq!(
        sampled(&format!("{TRACE}-{SPAN}-d-{SPAN}")),
        Some(Some(true))
    );
    for wrong in ["0", "1", "d", "", "-", &format!("{TRACE}-{SPAN}-2")] {
        assert_eq!(single(wrong), None, "{wrong}");
    }
    assert_eq!(single(&format!("{TRACE}-{SPAN}-1-{SPAN}-x")), None);
    let debug = read_all(&[
        ("x-b3-traceid", TRACE),
        ("x-b3-spanid", SPAN),
        ("x-b3-flags", "1"),
    ]);
    assert_eq!(debug.unwrap().sampled, Some(true));
    let id = format!("{TRACE}-{SPAN}-1");
    assert_eq!(
        read(|name| (name == B3).then_some(id.as_bytes()), false),
        None
    );
}

#[test]
fn tracestate_is_handed_on() {
    let state = |value: &str| TraceState::parse(value.as_bytes()).0.as_str().to_owned();
    assert_eq!(
        state(" rojo=00f0 ,\t, congo=t61 r!"),
        "rojo=00f0,congo=t61 r!"
    );
    assert_eq!(
        state("fw529a3039@dt=FfAz,1a-_*/=x"),
        "fw529a3039@dt=FfAz,1a-_*/=x"
    );
    for wrong in [
        "a", "A=1", "=1", "a=", "a=b=c", "a=é", "a=1,b", "a b=1", "a=\x07", "-a=1",
    ] {
        assert_eq!(state(wrong), "", "{wrong}");
    }
    let many = |n: usize| {
        let entries: Vec<_> = (0..n).map(|i| format!("k{i}=v")).collect();
        entries.join(",")
    };
    assert_eq!(state(&many(32)), many(32));
    assert_eq!(state(&many(33)), "");
    assert_eq!(state(&format!("a={}", "x".repeat(256))).len(), 258);
    assert_eq!(state(&format!("a={}", "x".repeat(257))), "");
}

#[test]
fn the_caller_is_named_in_front_within_the_limits() {
    let (foreign, _) = TraceState::parse(b"a=1,swtk=old,b=2");
    let value = state::write(Some(&foreign), "10.0.0.1:9501");
    assert_eq!(value, "swtk=10.0.0.1:9501,a=1,b=2");
    assert_eq!(state::write(Some(&foreign), ""), "a=1,b=2");
    assert_eq!(state::write(None, "a,b=c%"), "swtk=a%2cb%3dc%25");

    let entries: Vec<_> = (0..32).map(|i| format!("k{i}=v")).collect();
    let (full, _) = TraceState::parse(entries.join(",").as_bytes());
    assert_eq!(state::write(Some(&full), "app").split(',').count(), 32);

    let long = format!("a=1,b={},c={},d=2", "x".repeat(200), "y".repeat(250));
    let (long, _) = TraceState::parse(long.as_bytes());
    let value = state::write(Some(&long), &"n".repeat(100));
    assert!(value.len() <= 512);
    assert!(
        value.contains(",a=1,b=x") && value.ends_with("x,d=2"),
        "{value}"
    );
}

proptest! {
    #[test]
    fn what_we_write_we_read(right in 1u64.., left: u64, span in 1u64.., sampled: bool,
        random: bool, app in "\\PC{0,30}")
    {
        let id = u128::from(left) << 64 | u128::from(right);
        let (state, _) = TraceState::parse(b"x=1");
        let out = Outgoing {
            trace_id: TraceId::new(id.to_be_bytes()).unwrap(),
            span_id: SpanId::new(span).unwrap(),
            sampled, random, state: Some(&state), app: &app,
        };
        let (parent, listed) = (out.traceparent(), out.tracestate());
        let remote = read_all(&[(TRACEPARENT, &parent), (TRACESTATE, &listed)]).unwrap();
        prop_assert_eq!(remote.trace_id, out.trace_id);
        prop_assert_eq!(remote.span_id, Some(out.span_id));
        prop_assert_eq!((remote.sampled, remote.random), (Some(sampled), random));
        prop_assert_eq!(&remote.state, &state);
        let caller = remote.caller.unwrap_or_default();
        prop_assert!(app.starts_with(&caller) && (app.len() > 40 || caller == app), "{}", caller);
        prop_assert_eq!(read_all(&[(B3, &out.b3())]).unwrap().span_id, Some(out.span_id));
        let (trace, span) = out.swoole();
        let old = swoole(trace.as_bytes(), Some(span.as_bytes())).unwrap();
        prop_assert_eq!((old.trace_id.right(), old.span_id), (right, Some(out.span_id)));
    }

    #[test]
    fn hostile_headers_are_survived(value: Vec<u8>, name in "traceparent|b3|x-swoole-traceid") {
        let given = |n: &str| (n == name || n == TRACESTATE).then_some(&value[..]);
        let _ = read(given, true);
        let (state, caller) = TraceState::parse(&value);
        prop_assert!(state.as_str().len() <= value.len());
        prop_assert!(state::write(Some(&state), &caller.unwrap_or_default()).len() <= 512);
    }

    #[test]
    fn a_changed_byte_is_noticed_or_another_id(at in 0..55usize, byte: u8) {
        let good = format!("00-{TRACE}-{SPAN}-01").into_bytes();
        let mut value = good.clone();
        value[at] = byte;
        if let Some(remote) = parse_traceparent(&value) {
            prop_assert!(byte.is_ascii_digit() || byte.is_ascii_lowercase() || value == good);
            prop_assert!(remote.span_id.is_some());
        }
    }
}
