//! Traces: an order that fails across two applications, one of ten thousand spans, and forty
//! ordinary ones.

use serde_json::{Value, json};
use tracker_protocol::msgpack::Value as Scalar;
use tracker_protocol::record::{
    EventWriter, Segment, SegmentFlags, Span, SpanKind, SpanWriter, StackFrame, Status, UnitKind,
};

use crate::Records;

/// Ids of the first two.
const ORDER: u128 = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
const LONG: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
/// Spans of the long one.
const MANY: u64 = 10_000;
/// Ordinary ones.
const ORDINARY: u64 = 40;

struct One<'a> {
    id: u64,
    parent: u64,
    name: &'a str,
    kind: SpanKind,
    offset_us: u64,
    duration_us: u64,
    coroutine: i64,
    system: &'a str,
    peer: &'a str,
    attributes: &'a [(&'a str, Scalar<'a>)],
    is_error: bool,
}

impl<'a> One<'a> {
    const fn new(id: u64, parent: u64, name: &'a str, offset_us: u64, duration_us: u64) -> Self {
        Self {
            id,
            parent,
            name,
            kind: SpanKind::Internal,
            offset_us,
            duration_us,
            coroutine: -1,
            system: "",
            peer: "",
            attributes: &[],
            is_error: false,
        }
    }

    const fn of(self, kind: SpanKind, system: &'a str, peer: &'a str) -> Self {
        Self {
            kind,
            system,
            peer,
            ..self
        }
    }

    const fn with(self, attributes: &'a [(&'a str, Scalar<'a>)]) -> Self {
        Self { attributes, ..self }
    }

    const fn coroutine(self, coroutine: i64) -> Self {
        Self { coroutine, ..self }
    }

    const fn failed(self) -> Self {
        Self {
            is_error: true,
            ..self
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut span = Span::default();
        span.span_id = self.id;
        span.parent_span_id = self.parent;
        span.name = self.name;
        span.kind = self.kind;
        span.system = self.system;
        span.peer = self.peer;
        span.coroutine_id = self.coroutine;
        span.offset_us = self.offset_us as i64;
        span.duration_us = self.duration_us;
        let exception = [
            ("exception.type", Scalar::Str("Pay\\Declined")),
            ("exception.message", Scalar::Str("card <b>declined</b>")),
        ];
        let events = [EventWriter {
            name: "exception",
            offset_us: (self.offset_us + self.duration_us) as i64,
            attributes: &exception,
        }];
        let stack = [
            frame("/srv/shop/src/Pay/Client.php", 88, "Pay\\Client->charge"),
            frame("/srv/shop/src/Order.php", 41, "Order->place"),
            frame("/srv/shop/public/index.php", 12, "{main}"),
        ];
        if self.is_error {
            span.status = Status::Error;
            span.status_message = "card declined";
        }
        SpanWriter {
            span,
            attributes: self.attributes,
            encoded: &[],
            events: if self.is_error { &events } else { &[] },
            stack: if self.is_error { &stack } else { &[] },
            links: &[],
        }
        .write(out);
    }
}

fn frame<'a>(file: &'a str, line: u32, function: &'a str) -> StackFrame<'a> {
    StackFrame {
        file,
        line,
        function,
    }
}

fn segment(
    records: &mut Records,
    id: u128,
    app: &str,
    endpoint: &str,
    start_us: u64,
    spans: &[One<'_>],
) {
    let mut bytes = Vec::new();
    for span in spans {
        span.write(&mut bytes);
    }
    let is_error = spans.iter().any(|span| span.is_error);
    let mut segment = Segment::default();
    segment.trace_id = id.to_be_bytes();
    segment.app = app;
    segment.endpoint = endpoint;
    segment.unit = UnitKind::Request;
    segment.start_us = start_us;
    segment.duration_us = spans.first().map_or(0, |span| span.duration_us);
    segment.sampling = 10_000;
    segment.flags = SegmentFlags(if is_error {
        SegmentFlags::ERROR
    } else {
        SegmentFlags::SAMPLED
    });
    segment.write(&mut records.bytes, spans.len(), &bytes);
    records.count += 1;
}

/// Writes them and says what was sent.
pub fn write(shop: &mut Records, stock: &mut Records, now_us: u64) -> Value {
    order(shop, stock, now_us - 600_000_000);
    long(stock, now_us - 900_000_000);
    for n in 0..ORDINARY {
        let start_us = now_us - 120_000_000 - n * 79_000_000;
        let duration_us = 9_000 + n * n * 140;
        let id = (u128::from(n + 1) << 64) | 0xdead_beef;
        let root =
            One::new(n + 1, 0, "GET /cart/$", 0, duration_us).of(SpanKind::Server, "http", "");
        let query = One::new(1_000 + n, n + 1, "SELECT product", 1_500, duration_us / 2)
            .of(SpanKind::Client, "mysql", "10.0.0.5:3306/shop")
            .with(&[(
                "db.query.text",
                Scalar::Str("SELECT * FROM product WHERE id = ?"),
            )]);
        segment(shop, id, "shop", "GET /cart/$", start_us, &[root, query]);
    }
    json!({
        "total": ORDINARY + 2,
        "order": format!("{ORDER:032x}"),
        "order_us": 412_000,
        "long": format!("{LONG:032x}"),
        "long_spans": MANY,
    })
}

fn order(shop: &mut Records, stock: &mut Records, start_us: u64) {
    use SpanKind::{Client, Server};
    let (mysql, redis, pay) = ("10.0.0.5:3306/shop", "10.0.0.6:6379", "api.pay.example:443");
    let statement = [
        ("db.system.name", Scalar::Str("mysql")),
        (
            "db.query.text",
            Scalar::Str("INSERT INTO orders (user, total)\nVALUES (?, ?)"),
        ),
    ];
    let request = [
        ("http.request.method", Scalar::Str("POST")),
        ("http.route", Scalar::Str("/order")),
        ("http.response.status_code", Scalar::Int(500)),
    ];
    let spans = [
        One::new(1, 0, "POST /order", 0, 412_000)
            .of(Server, "http", "")
            .with(&request)
            .failed(),
        One::new(2, 1, "GET", 1_200, 600).of(Client, "redis", redis),
        One::new(3, 1, "SELECT user", 2_500, 8_000).of(Client, "mysql", mysql),
        One::new(4, 1, "GET stock", 12_000, 61_000).of(Client, "http", "stock"),
        One::new(5, 1, "Order->place", 75_000, 318_000),
        One::new(6, 5, "INSERT orders", 77_000, 36_000)
            .of(Client, "mysql", mysql)
            .with(&statement),
        One::new(7, 5, "POST api.pay.example", 116_000, 276_000)
            .of(Client, "http", pay)
            .failed(),
        One::new(8, 1, "SET", 394_000, 700).of(Client, "redis", redis),
    ];
    segment(shop, ORDER, "shop", "POST /order", start_us, &spans);
    let peer = "10.0.0.5:3306/stock";
    let spans = [
        One::new(20, 4, "GET /stock/$", 0, 55_000)
            .of(Server, "http", "shop")
            .coroutine(11),
        One::new(21, 20, "go", 2_000, 40_000).coroutine(12),
        One::new(22, 21, "SELECT stock", 3_000, 37_000)
            .of(Client, "mysql", peer)
            .coroutine(12),
        One::new(23, 20, "go", 2_500, 22_000).coroutine(13),
        One::new(24, 23, "SELECT warehouse", 4_000, 19_000)
            .of(Client, "mysql", peer)
            .coroutine(13),
    ];
    segment(
        stock,
        ORDER,
        "stock",
        "GET /stock/$",
        start_us + 14_000,
        &spans,
    );
}

fn long(stock: &mut Records, start_us: u64) {
    let step = 400;
    let root = One::new(1, 0, "cron import", 0, MANY * step).of(SpanKind::Internal, "", "");
    let children = (2..=MANY).map(|n| {
        let name = if n % 2 == 0 {
            "SELECT import"
        } else {
            "UPDATE stock"
        };
        One::new(n, 1, name, (n - 1) * step, step - 40)
            .of(SpanKind::Client, "mysql", "10.0.0.5:3306/stock")
            .coroutine((n % 8) as i64 + 1)
    });
    let spans: Vec<_> = std::iter::once(root).chain(children).collect();
    segment(stock, LONG, "stock", "cron import", start_us, &spans);
}
