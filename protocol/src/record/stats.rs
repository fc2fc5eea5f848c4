//! Statistics: every call is counted, whether or not its trace is kept.

use super::{STATS, head};
use crate::limits::{MAX_CODES, MAX_HISTOGRAM, MAX_STAT_ROWS, MAX_STRING, cut};
use crate::msgpack::{Fields, ReadError, Reader, Write};

/// Counts of all calls that ended within one bucket of time.
#[derive(Debug, Clone, Copy)]
pub struct Stats<'a> {
    /// Begin of the bucket, Unix seconds, a multiple of [`Stats::SECONDS`].
    pub bucket: u64,
    rows: Reader<'a>,
    count: u32,
}

/// Counts of one interface: what is called, from where, and how it went.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StatsRow<'a> {
    /// Application that counts: the callee for entries, the caller for clients.
    pub app: &'a str,
    /// Endpoint for entries, the name of the span for clients.
    pub endpoint: &'a str,
    /// Number of the [`super::SpanKind`].
    pub kind: u8,
    /// What is at the other end: `http`, `mysql`, `redis`, …
    pub system: &'a str,
    /// The other side: the called address (`host:port[/db]`), or the calling application
    /// (its address where it has no name).
    pub peer: &'a str,
    /// Calls, failed ones included.
    pub calls: u64,
    /// Failed calls.
    pub errors: u64,
    /// Calls that ended by a time-out.
    pub timeouts: u64,
    /// Calls slower than the setting `slow_ms`.
    pub slow: u64,
    /// Calls that took at most T, the threshold of the Apdex, and did not fail.
    pub satisfied: u64,
    /// Calls that took more than T and at most 4 T, and did not fail.
    pub tolerating: u64,
    /// Sum of durations, µs.
    pub sum_us: u64,
    /// Sum of durations of failed calls, µs.
    pub error_sum_us: u64,
    /// Shortest, µs.
    pub min_us: u64,
    /// Longest, µs.
    pub max_us: u64,
    /// Result codes and how often each.
    pub codes: Vec<(&'a str, u64)>,
    /// Durations of calls that succeeded: (bucket of the exponential histogram of scale 5 over
    /// seconds, count), ascending.
    pub ok: Vec<(i32, u64)>,
    /// The same of failed calls.
    pub failed: Vec<(i32, u64)>,
}

impl<'a> Stats<'a> {
    /// Width of a bucket.
    pub const SECONDS: u64 = 10;

    /// Appends a record of `rows`, of which there are at most [`MAX_STAT_ROWS`]: what is
    /// beyond is left out.
    pub fn write<'r>(
        out: &mut Vec<u8>,
        bucket: u64,
        rows: impl ExactSizeIterator<Item = StatsRow<'r>>,
    ) {
        head(out, STATS);
        out.array(2);
        out.uint(bucket);
        let len = rows.len().min(MAX_STAT_ROWS as usize);
        out.array(len);
        for row in rows.take(len) {
            row.write(out);
        }
    }

    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, ReadError> {
        let fields = reader.array()?;
        if fields < 2 {
            return Err(ReadError::Truncated);
        }
        let bucket = reader.uint()?;
        let count = reader.array()?;
        if count > MAX_STAT_ROWS {
            return Err(ReadError::Limit("statistics rows"));
        }
        let rows = *reader;
        for _ in 0..count {
            reader.skip()?;
        }
        for _ in 2..fields {
            reader.skip()?;
        }
        Ok(Self {
            bucket,
            rows,
            count,
        })
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The rows; each that cannot be read is an error, and the next follows it.
    pub fn rows(&self) -> impl Iterator<Item = Result<StatsRow<'a>, ReadError>> + use<'a> {
        let mut reader = self.rows;
        (0..self.count).map(move |_| {
            let mut one = reader;
            reader.skip()?;
            StatsRow::read(&mut one)
        })
    }
}

fn write_pairs(out: &mut Vec<u8>, pairs: &[(i32, u64)]) {
    let pairs = &pairs[..pairs.len().min(MAX_HISTOGRAM as usize)];
    out.array(pairs.len() * 2);
    for (index, count) in pairs {
        out.int(i64::from(*index));
        out.uint(*count);
    }
}

fn read_pairs(reader: &mut Reader<'_>) -> Result<Vec<(i32, u64)>, ReadError> {
    let len = reader.array()?;
    if len > MAX_HISTOGRAM * 2 {
        return Err(ReadError::Limit("histogram buckets"));
    }
    let mut pairs = Vec::with_capacity(len as usize / 2);
    for _ in 0..len / 2 {
        let index = i32::try_from(reader.int()?).map_err(|_| ReadError::Type)?;
        pairs.push((index, reader.uint()?));
    }
    if len % 2 == 1 {
        reader.skip()?;
    }
    Ok(pairs)
}

fn read_codes<'a>(reader: &mut Reader<'a>) -> Result<Vec<(&'a str, u64)>, ReadError> {
    let len = reader.map()?;
    if len > MAX_CODES {
        return Err(ReadError::Limit("codes"));
    }
    (0..len)
        .map(|_| Ok((reader.text()?, reader.uint()?)))
        .collect()
}

impl<'a> StatsRow<'a> {
    fn write(&self, out: &mut Vec<u8>) {
        out.array(18);
        out.str(cut(self.app, MAX_STRING));
        out.str(cut(self.endpoint, MAX_STRING));
        out.uint(u64::from(self.kind));
        out.str(cut(self.system, MAX_STRING));
        out.str(cut(self.peer, MAX_STRING));
        for number in [
            self.calls,
            self.errors,
            self.timeouts,
            self.slow,
            self.satisfied,
            self.tolerating,
            self.sum_us,
            self.error_sum_us,
            self.min_us,
            self.max_us,
        ] {
            out.uint(number);
        }
        let codes = &self.codes[..self.codes.len().min(MAX_CODES as usize)];
        out.map(codes.len());
        for (code, count) in codes {
            out.str(cut(code, MAX_STRING));
            out.uint(*count);
        }
        write_pairs(out, &self.ok);
        write_pairs(out, &self.failed);
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, ReadError> {
        let mut fields = Fields::open(reader)?;
        let row = Self {
            app: fields.next(Reader::text)?,
            endpoint: fields.next(Reader::text)?,
            kind: fields.next(Reader::small)?,
            system: fields.next(Reader::text)?,
            peer: fields.next(Reader::text)?,
            calls: fields.next(Reader::uint)?,
            errors: fields.next(Reader::uint)?,
            timeouts: fields.next(Reader::uint)?,
            slow: fields.next(Reader::uint)?,
            satisfied: fields.next(Reader::uint)?,
            tolerating: fields.next(Reader::uint)?,
            sum_us: fields.next(Reader::uint)?,
            error_sum_us: fields.next(Reader::uint)?,
            min_us: fields.next(Reader::uint)?,
            max_us: fields.next(Reader::uint)?,
            codes: fields.next(read_codes)?,
            ok: fields.next(read_pairs)?,
            failed: fields.next(read_pairs)?,
        };
        fields.close()?;
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;

    #[test]
    fn a_writer_keeps_to_the_caps_of_the_reader() {
        let codes: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let long = "x".repeat(MAX_STRING + 1);
        let row = StatsRow {
            app: &long,
            codes: codes.iter().map(|code| (&**code, 1)).collect(),
            ok: (0..3_000).map(|n| (n, 1)).collect(),
            ..StatsRow::default()
        };
        let mut bytes = Vec::new();
        Stats::write(&mut bytes, 10, std::iter::repeat_n(row, 3));
        let Ok(Record::Stats(stats)) = Record::read(&mut Reader::new(&bytes)) else {
            panic!("no statistics");
        };
        let rows: Vec<_> = stats.rows().map(Result::unwrap).collect();
        assert_eq!((rows.len(), rows[0].codes.len()), (3, MAX_CODES as usize));
        assert_eq!(rows[0].app.len(), MAX_STRING);
        assert_eq!(rows[0].ok.len(), MAX_HISTOGRAM as usize);

        let empty = StatsRow::default();
        bytes.clear();
        let too_many = MAX_STAT_ROWS as usize + 1;
        Stats::write(&mut bytes, 10, std::iter::repeat_n(empty, too_many));
        assert!(Record::read(&mut Reader::new(&bytes)).is_ok());

        let losses: Vec<_> = codes.iter().map(|code| (&**code, 1)).collect();
        bytes.clear();
        crate::record::Drops::write(&mut bytes, &losses);
        assert!(Record::read(&mut Reader::new(&bytes)).is_ok());
    }

    #[test]
    fn rows_come_back_and_a_bad_one_harms_no_other() {
        let row = StatsRow {
            app: "shop",
            endpoint: "GET /cart/$",
            kind: 2,
            system: "http",
            calls: 3,
            errors: 1,
            sum_us: 900,
            max_us: 500,
            codes: vec![("200", 2), ("500", 1)],
            ok: vec![(-638, 1), (-300, 1)],
            failed: vec![(0, 1)],
            ..StatsRow::default()
        };
        let mut bytes = Vec::new();
        head(&mut bytes, STATS);
        bytes.array(2);
        bytes.uint(1_700_000_000);
        bytes.array(3);
        row.write(&mut bytes);
        bytes.str("not a row");
        row.write(&mut bytes);
        let Ok(Record::Stats(stats)) = Record::read(&mut Reader::new(&bytes)) else {
            panic!("no statistics");
        };
        let rows: Vec<_> = stats.rows().collect();
        assert_eq!(rows, [Ok(row.clone()), Err(ReadError::Type), Ok(row)]);
    }
}
