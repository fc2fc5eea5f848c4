//! As much of the protobuf encoding as a profile needs: integers, strings and
//! messages in messages.
//!
//! Encoding: <https://protobuf.dev/programming-guides/encoding/>.

/// A message under construction.
#[derive(Default)]
pub struct Message(Vec<u8>);

const WIRE_VARINT: u64 = 0;
const WIRE_LENGTH_DELIMITED: u64 = 2;

impl Message {
    /// The message as it stands in a file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// An integer of any type but `sint` and `fixed`; negative ones as two's
    /// complement.
    pub fn number(&mut self, field: u64, value: u64) {
        self.varint(field << 3 | WIRE_VARINT);
        self.varint(value);
    }

    /// A string.
    pub fn bytes(&mut self, field: u64, value: &[u8]) {
        self.varint(field << 3 | WIRE_LENGTH_DELIMITED);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
    }

    /// A message within this one.
    pub fn message(&mut self, field: u64, value: &Message) {
        self.bytes(field, &value.0);
    }

    /// A repeated integer.
    pub fn packed(&mut self, field: u64, values: &[u64]) {
        let mut packed = Message::default();
        for value in values {
            packed.varint(*value);
        }
        self.message(field, &packed);
    }
}

/// The way back, for the tests.
#[cfg(test)]
pub mod decode {
    use super::{WIRE_LENGTH_DELIMITED, WIRE_VARINT};

    /// The values of one field of a message: numbers, or bytes.
    #[derive(Debug, Clone, PartialEq)]
    pub enum Value {
        Number(u64),
        Bytes(Vec<u8>),
    }

    fn varint(data: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let (byte, rest) = data.split_first().expect("a whole varint");
            *data = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        value
    }

    /// All fields of a message in order.
    pub fn decode(mut data: &[u8]) -> Vec<(u64, Value)> {
        let mut fields = Vec::new();
        while !data.is_empty() {
            let tag = varint(&mut data);
            let value = match tag & 7 {
                WIRE_VARINT => Value::Number(varint(&mut data)),
                WIRE_LENGTH_DELIMITED => {
                    let length = varint(&mut data) as usize;
                    let (bytes, rest) = data.split_at(length);
                    data = rest;
                    Value::Bytes(bytes.to_vec())
                }
                wire => panic!("unexpected wire type {wire}"),
            };
            fields.push((tag >> 3, value));
        }
        fields
    }

    /// The messages under a field number.
    pub fn messages(fields: &[(u64, Value)], field: u64) -> Vec<Vec<(u64, Value)>> {
        bytes(fields, field).iter().map(|b| decode(b)).collect()
    }

    /// The strings under a field number.
    pub fn bytes(fields: &[(u64, Value)], field: u64) -> Vec<Vec<u8>> {
        let of_field = |(number, value): &(u64, Value)| match value {
            Value::Bytes(bytes) if *number == field => Some(bytes.clone()),
            _ => None,
        };
        fields.iter().filter_map(of_field).collect()
    }

    /// The first integer under a field number.
    pub fn number(fields: &[(u64, Value)], field: u64) -> u64 {
        let of_field = |(number, value): &(u64, Value)| match value {
            Value::Number(value) if *number == field => Some(*value),
            _ => None,
        };
        fields.iter().find_map(of_field).expect("the field")
    }

    /// The integers of a packed field.
    pub fn packed(fields: &[(u64, Value)], field: u64) -> Vec<u64> {
        let data = bytes(fields, field).concat();
        let mut data = data.as_slice();
        let mut values = Vec::new();
        while !data.is_empty() {
            values.push(varint(&mut data));
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::decode::{Value, decode, packed};
    use super::*;

    #[test]
    fn numbers_of_any_size_come_back() {
        let mut message = Message::default();
        let numbers = [0, 1, 127, 128, 300, u64::MAX];
        for value in numbers {
            message.number(3, value);
        }
        message.packed(4, &numbers);
        let fields = decode(&message.into_bytes());
        let expected = numbers.map(|value| (3, Value::Number(value)));
        assert_eq!(fields[..6], expected);
        assert_eq!(packed(&fields, 4), numbers);
    }

    #[test]
    fn the_encoding_is_that_of_the_guide() {
        let mut message = Message::default();
        message.number(1, 150);
        message.bytes(2, b"testing");
        let expected = b"\x08\x96\x01\x12\x07testing";
        assert_eq!(message.into_bytes(), expected);
    }
}
