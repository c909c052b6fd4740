//! What the codecs promise besides the recorded frames.

use super::*;

const ALL: [Codec; 5] = [
    Codec::None,
    Codec::Gzip,
    Codec::Snappy,
    Codec::Lz4,
    Codec::Zstd,
];

fn text(bytes: usize) -> Vec<u8> {
    b"some text that repeats, with a number "
        .iter()
        .copied()
        .cycle()
        .take(bytes)
        .collect()
}

#[test]
fn what_was_compressed_comes_back() {
    for codec in ALL {
        for size in [0, 1, 100, 32 * 1024, 300_000] {
            let input = text(size);
            let folded = compress(codec, &input, -1).unwrap();
            assert_eq!(
                decompress(codec, &folded).unwrap(),
                input,
                "{codec:?} {size}"
            );
        }
    }
}

#[test]
fn nothing_unfolds_beyond_the_cap() {
    for codec in ALL {
        let folded = compress(codec, &text(300_000), 9).unwrap();
        let got = unfold_up_to(codec, &folded, 299_999);
        assert_eq!(got, Err(CodecError::TooLarge(299_999)), "{codec:?}");
        assert!(unfold_up_to(codec, &folded, 300_000).is_ok(), "{codec:?}");
    }
}

#[test]
fn damaged_bytes_are_an_error() {
    for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        let mut folded = compress(codec, &text(50_000), -1).unwrap();
        folded.truncate(folded.len() / 2);
        assert!(
            matches!(decompress(codec, &folded), Err(CodecError::Damaged(_))),
            "{codec:?}"
        );
        assert!(matches!(
            decompress(codec, b"\x09garbage here"),
            Err(CodecError::Damaged(_))
        ));
    }
}

#[test]
fn only_zstd_reads_nothing_from_nothing() {
    for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        assert_eq!(
            decompress(codec, b"").is_ok(),
            codec == Codec::Zstd,
            "{codec:?}"
        );
    }
}

#[test]
fn announced_sizes_are_not_believed() {
    // A raw snappy block that claims 4 GiB, and zstd frames that claim windows of 2 GiB and of 96 MiB.
    let snappy = [0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x01];
    assert!(matches!(
        decompress(Codec::Snappy, &snappy),
        Err(CodecError::Damaged(_))
    ));
    let zstd = |window| [0x28, 0xb5, 0x2f, 0xfd, 0, window, 0x01, 0x00, 0x00];
    assert!(matches!(
        decompress(Codec::Zstd, &zstd(21 << 3)),
        Err(CodecError::Damaged(_))
    ));
    let nothing = decompress(Codec::Zstd, &zstd((16 << 3) | 4)).unwrap();
    assert_eq!(nothing.capacity(), 0);
}

#[test]
fn snappy_without_a_frame_is_read_too() {
    let raw = snap::raw::Encoder::new().compress_vec(&text(500)).unwrap();
    assert_eq!(decompress(Codec::Snappy, &raw).unwrap(), text(500));
}

#[test]
fn frames_may_follow_each_other() {
    for codec in [Codec::Gzip, Codec::Zstd] {
        let mut folded = compress(codec, &text(100), -1).unwrap();
        folded.extend(compress(codec, &text(50), -1).unwrap());
        let mut both = text(100);
        both.extend(text(50));
        assert_eq!(decompress(codec, &folded).unwrap(), both, "{codec:?}");
    }
}
