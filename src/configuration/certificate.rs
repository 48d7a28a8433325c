//! When a certificate is valid. Only that is read of it; nothing is verified.
//!
//! RFC 5280, 4.1: `Certificate ::= { tbs { [0] version, serial, signature, issuer, validity { notBefore, notAfter } …`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::asn1::{AnyRef, GeneralizedTime, UtcTime};
use der::{Decode, Reader, SliceReader, Tag};

use super::Certificate;
use crate::value::Time;

/// The certificate in a text: PEM, or its base64 without the lines around it. Both times are missing if it is none.
pub(super) fn read(text: &str) -> Certificate {
    let (not_before, not_after) = validity(text).unzip();
    Certificate { not_before, not_after }
}

fn validity(text: &str) -> Option<(Time, Time)> {
    let bare = match text.split_once("-----BEGIN CERTIFICATE-----") {
        Some((_, behind)) => behind.split_once("-----END").map_or(behind, |(body, _)| body),
        None => text,
    };
    let compact: String = bare.split_whitespace().collect();
    let bytes = STANDARD.decode(compact).ok()?;
    let certificate = inside(AnyRef::from_der(&bytes).ok()?)?;
    let signed = AnyRef::decode(&mut SliceReader::new(certificate).ok()?).ok()?;
    let mut fields = SliceReader::new(inside(signed)?).ok()?;
    if Tag::peek(&fields).ok()?.is_context_specific() {
        fields.tlv_bytes().ok()?;
    }
    let _serial_algorithm_issuer = (fields.tlv_bytes().ok()?, fields.tlv_bytes().ok()?, fields.tlv_bytes().ok()?);
    let validity = AnyRef::decode(&mut fields).ok()?;
    let mut times = SliceReader::new(inside(validity)?).ok()?;
    Some((time(&mut times)?, time(&mut times)?))
}

/// The bytes inside a sequence.
fn inside(any: AnyRef<'_>) -> Option<&[u8]> {
    (any.header().tag() == Tag::Sequence).then(|| any.value())
}

fn time(reader: &mut SliceReader<'_>) -> Option<Time> {
    let since_epoch = match Tag::peek(reader).ok()? {
        Tag::UtcTime => UtcTime::decode(reader).ok()?.to_unix_duration(),
        _ => GeneralizedTime::decode(reader).ok()?.to_unix_duration(),
    };
    i64::try_from(since_epoch.as_micros()).ok().map(Time)
}
