//! Sets of characters: the part of them that a topic name can have.

/// A set of ASCII characters, a bit each.
pub(super) type Set = u128;

/// Every character.
pub(super) const ALL: Set = !0;

const DIGIT: Set = between('0', '9');
const UPPER: Set = between('A', 'Z');
const LOWER: Set = between('a', 'z');
const LETTER: Set = UPPER | LOWER;
const WORD: Set = LETTER | DIGIT | just('_');
const PUNCTUATION: Set =
    between('!', '/') | between(':', '@') | between('[', '`') | between('{', '~');

pub(super) const fn just(c: char) -> Set {
    if (c as u32) < 128 { 1 << c as u32 } else { 0 }
}

/// The characters from one to another; none if they are not in order.
pub(super) const fn between(first: char, last: char) -> Set {
    let (first, last) = (first as u32, last as u32);
    if first > last || first > 127 {
        return 0;
    }
    let up_to = if last >= 127 {
        ALL
    } else {
        (1 << (last + 1)) - 1
    };
    up_to & !((1 << first) - 1)
}

/// The range and what is the same but for its case. Two letters outside fold into it.
pub(super) fn folded(first: char, last: char) -> Set {
    let mut set = between(first, last);
    for (outside, inside) in [('\u{17f}', 's'), ('\u{212a}', 'k')] {
        if (first..=last).contains(&outside) {
            set |= just(inside);
        }
    }
    fold(set)
}

/// The set and what is the same but for its case.
pub(super) const fn fold(set: Set) -> Set {
    const TO_LOWER: u32 = 'a' as u32 - 'A' as u32;
    set | (set & UPPER) << TO_LOWER | (set & LOWER) >> TO_LOWER
}

pub(super) const fn is_word(byte: u8) -> bool {
    byte < 128 && WORD >> byte & 1 == 1
}

/// `\d` and the like, by their letter.
pub(super) const fn perl(letter: char) -> Option<Set> {
    const SPACE: Set = just('\t') | just('\n') | just('\u{c}') | just('\r') | just(' ');
    Some(match letter {
        'd' => DIGIT,
        'D' => !DIGIT,
        's' => SPACE,
        'S' => !SPACE,
        'w' => WORD,
        'W' => !WORD,
        _ => return None,
    })
}

/// `[:alpha:]` and the like, by what stands between the colons.
pub(super) fn posix(name: &str) -> Option<Set> {
    if let Some(name) = name.strip_prefix('^') {
        return (!name.starts_with('^')).then(|| posix(name).map(|set| !set))?;
    }
    Some(match name {
        "alnum" => LETTER | DIGIT,
        "alpha" => LETTER,
        "ascii" => ALL,
        "blank" => just('\t') | just(' '),
        "cntrl" => between('\0', '\u{1f}') | just('\u{7f}'),
        "digit" => DIGIT,
        "graph" => between('!', '~'),
        "lower" => LOWER,
        "print" => between(' ', '~'),
        "punct" => PUNCTUATION,
        "space" => between('\t', '\r') | just(' '),
        "upper" => UPPER,
        "word" => WORD,
        "xdigit" => DIGIT | between('A', 'F') | between('a', 'f'),
        _ => return None,
    })
}

/// A general category or a script of Unicode.
pub(super) fn unicode(name: &str) -> Option<Set> {
    const OTHER_PUNCTUATION: Set =
        PUNCTUATION & !MATH & !MARKS & !OPEN & !CLOSE & !just('$') & !just('_') & !just('-');
    const MATH: Set = just('+') | just('<') | just('=') | just('>') | just('|') | just('~');
    const MARKS: Set = just('^') | just('`');
    const OPEN: Set = just('(') | just('[') | just('{');
    const CLOSE: Set = just(')') | just(']') | just('}');
    const CONTROL: Set = between('\0', '\u{1f}') | just('\u{7f}');
    Some(match name {
        "Any" => ALL,
        "C" | "Cc" => CONTROL,
        "L" | "Latin" => LETTER,
        "Ll" => LOWER,
        "Lu" => UPPER,
        "N" | "Nd" => DIGIT,
        "P" => OTHER_PUNCTUATION | OPEN | CLOSE | just('_') | just('-'),
        "Pc" => just('_'),
        "Pd" => just('-'),
        "Pe" => CLOSE,
        "Po" => OTHER_PUNCTUATION,
        "Ps" => OPEN,
        "S" => MATH | MARKS | just('$'),
        "Sc" => just('$'),
        "Sk" => MARKS,
        "Sm" => MATH,
        "Z" | "Zs" => just(' '),
        "Common" => !LETTER,
        _ if BEYOND_ASCII.contains(&name) => 0,
        _ => return None,
    })
}

/// Those without an ASCII character, as RE2/J knows them.
const BEYOND_ASCII: &[&str] = &[
    "Cf",
    "Co",
    "Cs",
    "Lm",
    "Lo",
    "Lt",
    "M",
    "Mc",
    "Me",
    "Mn",
    "Nl",
    "No",
    "Pf",
    "Pi",
    "So",
    "Zl",
    "Zp",
    "Arabic",
    "Armenian",
    "Avestan",
    "Balinese",
    "Bamum",
    "Batak",
    "Bengali",
    "Bopomofo",
    "Brahmi",
    "Braille",
    "Buginese",
    "Buhid",
    "Canadian_Aboriginal",
    "Carian",
    "Cham",
    "Cherokee",
    "Coptic",
    "Cuneiform",
    "Cypriot",
    "Cyrillic",
    "Deseret",
    "Devanagari",
    "Egyptian_Hieroglyphs",
    "Ethiopic",
    "Georgian",
    "Glagolitic",
    "Gothic",
    "Greek",
    "Gujarati",
    "Gurmukhi",
    "Han",
    "Hangul",
    "Hanunoo",
    "Hebrew",
    "Hiragana",
    "Imperial_Aramaic",
    "Inherited",
    "Inscriptional_Pahlavi",
    "Inscriptional_Parthian",
    "Javanese",
    "Kaithi",
    "Kannada",
    "Katakana",
    "Kayah_Li",
    "Kharoshthi",
    "Khmer",
    "Lao",
    "Lepcha",
    "Limbu",
    "Linear_B",
    "Lisu",
    "Lycian",
    "Lydian",
    "Malayalam",
    "Mandaic",
    "Meetei_Mayek",
    "Mongolian",
    "Myanmar",
    "New_Tai_Lue",
    "Nko",
    "Ogham",
    "Ol_Chiki",
    "Old_Italic",
    "Old_Persian",
    "Old_South_Arabian",
    "Old_Turkic",
    "Oriya",
    "Osmanya",
    "Phags_Pa",
    "Phoenician",
    "Rejang",
    "Runic",
    "Samaritan",
    "Saurashtra",
    "Shavian",
    "Sinhala",
    "Sundanese",
    "Syloti_Nagri",
    "Syriac",
    "Tagalog",
    "Tagbanwa",
    "Tai_Le",
    "Tai_Tham",
    "Tai_Viet",
    "Tamil",
    "Telugu",
    "Thaana",
    "Thai",
    "Tibetan",
    "Tifinagh",
    "Ugaritic",
    "Unknown",
    "Vai",
    "Yi",
];
