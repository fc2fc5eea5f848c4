//! MessagePack, written to a vector and read from a slice.
//!
//! A thin layer over `rmp`: writing to memory cannot fail, and reading never
//! allocates by a claimed length, never recurses deeper than [`MAX_DEPTH`], and
//! never panics.

use crate::limits::{MAX_DEPTH, MAX_STRING, cut};
use rmp::{
    Marker,
    decode::{self, Bytes},
    encode,
};

/// Appends MessagePack values to a vector.
pub trait Write {
    /// Head of an array of `len` values.
    fn array(&mut self, len: usize);
    /// Head of a map of `len` pairs.
    fn map(&mut self, len: usize);
    /// An unsigned number in its shortest form.
    fn uint(&mut self, value: u64);
    /// A signed number in its shortest form.
    fn int(&mut self, value: i64);
    /// A double.
    fn float(&mut self, value: f64);
    /// A truth value.
    fn bool(&mut self, value: bool);
    /// A text.
    fn str(&mut self, value: &str);
    /// A byte string.
    fn bin(&mut self, value: &[u8]);
}

/// A length as MessagePack has it. A vector that holds more cannot be built here:
/// frames end at 4 MiB.
fn len32(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

// Writing to a vector cannot fail: the results have nothing to tell.
impl Write for Vec<u8> {
    fn array(&mut self, len: usize) {
        let _ = encode::write_array_len(self, len32(len));
    }
    fn map(&mut self, len: usize) {
        let _ = encode::write_map_len(self, len32(len));
    }
    #[inline]
    fn uint(&mut self, value: u64) {
        // Most are this small.
        match u8::try_from(value) {
            Ok(small @ 0..128) => self.push(small),
            _ => {
                let _ = encode::write_uint(self, value);
            }
        }
    }
    #[inline]
    fn int(&mut self, value: i64) {
        match u8::try_from(value) {
            Ok(small @ 0..128) => self.push(small),
            _ => {
                let _ = encode::write_sint(self, value);
            }
        }
    }
    fn float(&mut self, value: f64) {
        let _ = encode::write_f64(self, value);
    }
    fn bool(&mut self, value: bool) {
        let _ = encode::write_bool(self, value);
    }
    #[inline]
    fn str(&mut self, value: &str) {
        // Most are this short: `fixstr`, 101 and five bits of length.
        match u8::try_from(value.len()) {
            Ok(len @ 0..32) => {
                self.reserve(1 + value.len());
                self.push(0xa0 | len);
                self.extend_from_slice(value.as_bytes());
            }
            _ => {
                let _ = encode::write_str(self, value);
            }
        }
    }
    fn bin(&mut self, value: &[u8]) {
        let _ = encode::write_bin(self, value);
    }
}

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadError {
    /// The bytes end within a value.
    Truncated,
    /// A value of another type stands here.
    Type,
    /// A text is not UTF-8.
    Utf8,
    /// Nested deeper than [`MAX_DEPTH`].
    Depth,
    /// More than the limit of this name.
    Limit(&'static str),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Truncated => f.write_str("ends within a value"),
            Self::Type => f.write_str("a value of another type was expected"),
            Self::Utf8 => f.write_str("a text is not UTF-8"),
            Self::Depth => write!(f, "nested deeper than {MAX_DEPTH}"),
            Self::Limit(what) => write!(f, "too many {what}"),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<decode::ValueReadError<decode::bytes::BytesReadError>> for ReadError {
    fn from(e: decode::ValueReadError<decode::bytes::BytesReadError>) -> Self {
        match e {
            decode::ValueReadError::TypeMismatch(_) => Self::Type,
            _ => Self::Truncated,
        }
    }
}

impl From<decode::NumValueReadError<decode::bytes::BytesReadError>> for ReadError {
    fn from(e: decode::NumValueReadError<decode::bytes::BytesReadError>) -> Self {
        match e {
            decode::NumValueReadError::TypeMismatch(_) | decode::NumValueReadError::OutOfRange => {
                Self::Type
            }
            _ => Self::Truncated,
        }
    }
}

/// A scalar attribute value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// A text.
    Str(&'a str),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A truth value.
    Bool(bool),
}

/// Reads values one after another.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

type Read<T> = Result<T, ReadError>;

impl<'a> Reader<'a> {
    /// A reader at the head of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The bytes not read yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether all was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    fn with<T, E: Into<ReadError>>(
        &mut self,
        read: impl FnOnce(&mut Bytes<'a>) -> Result<T, E>,
    ) -> Read<T> {
        let mut bytes = Bytes::new(self.rest);
        let value = read(&mut bytes).map_err(Into::into)?;
        self.rest = bytes.remaining_slice();
        Ok(value)
    }

    fn take(&mut self, len: u32) -> Read<&'a [u8]> {
        let (taken, rest) = self
            .rest
            .split_at_checked(len as usize)
            .ok_or(ReadError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Length of an array whose elements follow. Every element takes a byte at least,
    /// so a length beyond the bytes that are there is refused at once.
    ///
    /// # Errors
    /// When no array stands here.
    pub fn array(&mut self) -> Read<u32> {
        let len = self.with(decode::read_array_len)?;
        self.plausible(len)
    }

    /// Number of pairs of a map that follow.
    ///
    /// # Errors
    /// When no map stands here.
    pub fn map(&mut self) -> Read<u32> {
        let len = self.with(decode::read_map_len)?;
        self.plausible(len)
    }

    fn plausible(&self, len: u32) -> Read<u32> {
        if len as usize > self.rest.len() {
            return Err(ReadError::Truncated);
        }
        Ok(len)
    }

    /// A number from 0 up.
    ///
    /// # Errors
    /// When none stands here.
    pub fn uint(&mut self) -> Read<u64> {
        self.with(decode::read_int)
    }

    /// A whole number.
    ///
    /// # Errors
    /// When none stands here.
    pub fn int(&mut self) -> Read<i64> {
        self.with(decode::read_int)
    }

    /// A number that fits into 8 bits.
    ///
    /// # Errors
    /// When none stands here.
    pub fn small(&mut self) -> Read<u8> {
        self.with(decode::read_int)
    }

    /// A number that fits into 32 bits.
    ///
    /// # Errors
    /// When none stands here.
    pub fn number(&mut self) -> Read<u32> {
        self.with(decode::read_int)
    }

    /// A truth value.
    ///
    /// # Errors
    /// When none stands here.
    pub fn bool(&mut self) -> Read<bool> {
        self.with(decode::read_bool)
    }

    /// A text of at most [`MAX_STRING`] bytes; a longer one is cut.
    ///
    /// # Errors
    /// When none stands here, or it is not UTF-8.
    pub fn text(&mut self) -> Read<&'a str> {
        self.str().map(|text| cut(text, MAX_STRING))
    }

    /// A text of any length, borrowed.
    ///
    /// # Errors
    /// When none stands here, or it is not UTF-8.
    pub fn str(&mut self) -> Read<&'a str> {
        let len = self.with(decode::read_str_len)?;
        std::str::from_utf8(self.take(len)?).map_err(|_| ReadError::Utf8)
    }

    /// Bytes, borrowed.
    ///
    /// # Errors
    /// When none stand here.
    pub fn bin(&mut self) -> Read<&'a [u8]> {
        let len = self.with(decode::read_bin_len)?;
        self.take(len)
    }

    /// A scalar; `None` when something else stands here, which is skipped.
    ///
    /// # Errors
    /// When the bytes are no MessagePack.
    pub fn value(&mut self) -> Read<Option<Value<'a>>> {
        let marker = Marker::from_u8(*self.rest.first().ok_or(ReadError::Truncated)?);
        Ok(Some(match marker {
            Marker::True | Marker::False => Value::Bool(self.with(decode::read_bool)?),
            Marker::F64 => Value::Float(self.with(decode::read_f64)?),
            Marker::F32 => Value::Float(f64::from(self.with(decode::read_f32)?)),
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                Value::Str(self.str()?)
            }
            Marker::FixPos(_)
            | Marker::FixNeg(_)
            | Marker::U8
            | Marker::U16
            | Marker::U32
            | Marker::I8
            | Marker::I16
            | Marker::I32
            | Marker::I64 => Value::Int(self.int()?),
            Marker::U64 => Value::Int(i64::try_from(self.uint()?).unwrap_or(i64::MAX)),
            _ => {
                self.skip()?;
                return Ok(None);
            }
        }))
    }

    /// Skips one value of any type.
    ///
    /// # Errors
    /// When it is no MessagePack, or nested too deep.
    pub fn skip(&mut self) -> Read<()> {
        // How many values are left to skip on each level of nesting.
        let mut left = [0u64; MAX_DEPTH as usize];
        let mut depth = 0;
        left[0] = 1;
        loop {
            while left[depth] == 0 {
                if depth == 0 {
                    return Ok(());
                }
                depth -= 1;
            }
            left[depth] -= 1;
            let inside = self.skip_head()?;
            if inside > 0 {
                depth += 1;
                *left.get_mut(depth).ok_or(ReadError::Depth)? = inside;
            }
        }
    }

    /// Skips a scalar, or the head of a composite; tells how many values are inside.
    fn skip_head(&mut self) -> Read<u64> {
        let marker = Marker::from_u8(*self.rest.first().ok_or(ReadError::Truncated)?);
        let (head, body) = match marker {
            Marker::FixPos(_)
            | Marker::FixNeg(_)
            | Marker::Null
            | Marker::True
            | Marker::False
            | Marker::Reserved => (1, 0),
            Marker::U8 | Marker::I8 => (2, 0),
            Marker::U16 | Marker::I16 | Marker::FixExt1 => (3, 0),
            Marker::FixExt2 => (4, 0),
            Marker::U32 | Marker::I32 | Marker::F32 => (5, 0),
            Marker::FixExt4 => (6, 0),
            Marker::U64 | Marker::I64 | Marker::F64 => (9, 0),
            Marker::FixExt8 => (10, 0),
            Marker::FixExt16 => (18, 0),
            Marker::FixStr(n) => (1, u32::from(n)),
            Marker::Str8 | Marker::Bin8 => (2, self.length(1)?),
            Marker::Str16 | Marker::Bin16 => (3, self.length(2)?),
            Marker::Str32 | Marker::Bin32 => (5, self.length(4)?),
            Marker::Ext8 => (3, self.length(1)?),
            Marker::Ext16 => (4, self.length(2)?),
            Marker::Ext32 => (6, self.length(4)?),
            Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => {
                return self.array().map(u64::from);
            }
            Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
                return self.map().map(|pairs| u64::from(pairs) * 2);
            }
        };
        self.take(head)?;
        self.take(body)?;
        Ok(0)
    }

    /// The big-endian length of `bytes` bytes after the marker.
    fn length(&self, bytes: usize) -> Read<u32> {
        let digits = self.rest.get(1..=bytes).ok_or(ReadError::Truncated)?;
        Ok(digits.iter().fold(0, |n, &b| n << 8 | u32::from(b)))
    }
}

/// Reads an array whose first fields are known: a place that is missing gets
/// its default, and what a newer peer appended is skipped.
#[derive(Debug)]
pub struct Fields<'r, 'a> {
    reader: &'r mut Reader<'a>,
    left: u32,
}

impl<'r, 'a> Fields<'r, 'a> {
    /// Begins at the array that stands at the reader.
    ///
    /// # Errors
    /// When no array stands there.
    pub fn open(reader: &'r mut Reader<'a>) -> Read<Self> {
        let left = reader.array()?;
        Ok(Self { reader, left })
    }

    /// The next field as `read` gives it, or its default when the array is over.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn next<T: Default>(&mut self, read: impl FnOnce(&mut Reader<'a>) -> Read<T>) -> Read<T> {
        if self.left == 0 {
            return Ok(T::default());
        }
        self.left -= 1;
        read(self.reader)
    }

    /// Skips the fields that were not asked for.
    ///
    /// # Errors
    /// When they are no MessagePack.
    pub fn close(self) -> Read<()> {
        for _ in 0..self.left {
            self.reader.skip()?;
        }
        Ok(())
    }
}
