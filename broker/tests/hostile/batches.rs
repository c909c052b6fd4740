//! Compressed batches that announce what they do not hold, or unfold to more than anyone has.

use crate::requests;

const GZIP: u8 = 1;
const SNAPPY: u8 = 2;
const LZ4: u8 = 3;
const ZSTD: u8 = 4;

const UNKNOWN: i16 = -1;
const TOO_LARGE: i16 = 10;
const INVALID: i16 = 87;

/// What it is, its codec, the compressed bytes, the error that it gets.
pub(crate) fn hostile() -> Vec<(String, u8, Vec<u8>, i16)> {
    let mut all = Vec::new();
    let mut add = |what: &str, codec, records, want| {
        all.push((what.to_owned(), codec, records, want));
    };
    // Half a gigabyte in 16 KiB, with and without a proper end.
    let bomb = [zstd_head(17 << 3), zstd_repeats(4096)].concat();
    add("zstd, 512 MiB", ZSTD, bomb.clone(), TOO_LARGE);
    add(
        "zstd, 512 MiB and no end",
        ZSTD,
        bomb[..bomb.len() - 4].to_vec(),
        TOO_LARGE,
    );
    // One record that announces it all, and damage short of the bound: all of it is read, twice.
    let record = [
        0xfe, 0xff, 0xff, 0xff, 0x01, 0, 0, 0, 1, 0xfe, 0xff, 0xff, 0x7f,
    ];
    let mut deep = [zstd_head(17 << 3), zstd_raw(&record), zstd_repeats(1000)].concat();
    deep.truncate(deep.len() - 4);
    deep.extend([7, 0, 0]);
    add("zstd, 125 MiB and damage", ZSTD, deep, UNKNOWN);
    for log in 10..=41 {
        let window = (log - 10) << 3;
        for size in [&[][..], &[0xff; 8], &[0xfe, 0xff, 0xff, 0xff, 0, 0, 0, 0]] {
            let descriptor = if size.is_empty() { 0 } else { 0xc0 };
            let head = [&[0x28, 0xb5, 0x2f, 0xfd, descriptor, window], size].concat();
            let what = format!("zstd, window 2^{log}, size {size:x?}");
            // Nothing but the record is wrong up to 128 MiB: a size is not looked at behind an empty last block.
            let want = if log <= 27 { INVALID } else { UNKNOWN };
            add(
                &what,
                ZSTD,
                [head, zstd_raw(&[0])].concat().with_end(),
                want,
            );
        }
    }
    let lz4 = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73];
    let long = [&lz4[..], &[0x00, 0x00, 0x40, 0x00], &[0xff; 100]].concat();
    add("lz4, a block of 4 MiB", LZ4, long, UNKNOWN);
    let run: Vec<u8> = [&[0x1f, 0, 1, 0][..], &vec![0xff; 20_000], &[0]].concat();
    let block = [&lz4[..], &20_005_u32.to_le_bytes(), &run].concat();
    add("lz4, a match beyond the block", LZ4, block, UNKNOWN);
    let snappy = b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01";
    for size in [i32::MAX, i32::MIN, -1, 0x2000_0000] {
        let chunk = [&snappy[..], &size.to_be_bytes(), &[0; 9]].concat();
        add(
            &format!("snappy, a chunk of {size}"),
            SNAPPY,
            chunk,
            UNKNOWN,
        );
    }
    add(
        "snappy, 4 GiB",
        SNAPPY,
        vec![0xff, 0xff, 0xff, 0xff, 0x0f, 0, 1],
        UNKNOWN,
    );
    let extra = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0];
    add(
        "gzip, an extra field of 64 KiB",
        GZIP,
        extra.to_vec(),
        UNKNOWN,
    );
    all
}

/// The last block of a zstd frame is the one that ends it.
trait WithEnd {
    fn with_end(self) -> Self;
}

impl WithEnd for Vec<u8> {
    fn with_end(mut self) -> Self {
        self.extend([1, 0, 0]);
        self
    }
}

fn zstd_head(window: u8) -> Vec<u8> {
    vec![0x28, 0xb5, 0x2f, 0xfd, 0, window]
}

fn zstd_raw(bytes: &[u8]) -> Vec<u8> {
    let head = u32::try_from(bytes.len() << 3).unwrap().to_le_bytes();
    [&head[..3], bytes].concat()
}

/// Blocks that each repeat a byte 128 KiB long; the last ends the frame.
fn zstd_repeats(count: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for index in 0..count {
        let last = u32::from(index + 1 == count);
        let head = ((128 * 1024) << 3 | 2 | last).to_le_bytes();
        out.extend([head[0], head[1], head[2], b'x']);
    }
    out
}

/// A Produce request, version 7, with one batch of one record.
pub(crate) fn produce(topic: &str, codec: u8, records: &[u8]) -> Vec<u8> {
    let mut sealed = vec![0, codec];
    sealed.extend([0; 20]);
    sealed.extend([0xff; 14]);
    sealed.extend(1_u32.to_be_bytes());
    sealed.extend(records);
    let batch = requests::batch(&sealed);
    let mut body = vec![0, 0, 0, 7, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0, 1];
    body.extend(1000_u32.to_be_bytes());
    body.extend(1_u32.to_be_bytes());
    body.extend(u16::try_from(topic.len()).unwrap().to_be_bytes());
    body.extend(topic.as_bytes());
    body.extend(1_u32.to_be_bytes());
    body.extend(0_u32.to_be_bytes());
    body.extend(u32::try_from(batch.len()).unwrap().to_be_bytes());
    body.extend(batch);
    [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], &body].concat()
}

/// The error code of the one partition in the answer.
pub(crate) fn error(answer: &[u8]) -> i16 {
    let name = usize::from(u16::from_be_bytes([answer[8], answer[9]]));
    let at = 10 + name + 8;
    i16::from_be_bytes([answer[at], answer[at + 1]])
}
