//! Where a group begins that has begun nowhere: `share.auto.offset.reset` (KIP-932).

/// A place in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OffsetReset {
    Earliest,
    Latest,
    /// At the first record of so many milliseconds ago.
    Ago(i64),
}

impl OffsetReset {
    /// `earliest`, `latest`, or `by_duration:` and an ISO 8601 duration; none if the text is none of these.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("by_duration", duration)) => iso_millis(duration).map(Self::Ago),
            None if text == "earliest" => Some(Self::Earliest),
            None if text == "latest" => Some(Self::Latest),
            Some(_) | None => None,
        }
    }
}

const DATE_UNITS: &[(char, i64)] = &[('D', 86_400_000)];
const TIME_UNITS: &[(char, i64)] = &[('H', 3_600_000), ('M', 60_000), ('S', 1000)];

/// A positive or zero ISO 8601 duration of days and smaller units, as Java's `Duration.parse` reads it: in small letters,
/// too.
fn iso_millis(text: &str) -> Option<i64> {
    let upper = text.to_ascii_uppercase();
    let rest = upper.strip_prefix('P')?;
    let (date, time) = rest
        .split_once('T')
        .map_or((rest, None), |(date, time)| (date, Some(time)));
    let (days, days_millis) = take_units(date, DATE_UNITS)?;
    let (times, times_millis) = take_units(time.unwrap_or(""), TIME_UNITS)?;
    let is_whole = days + times > 0 && (time.is_none() || times > 0);
    is_whole.then(|| days_millis.saturating_add(times_millis))
}

/// How many `number unit` pairs the text holds, the units in this order, and what they come to; none if it holds else.
fn take_units(mut text: &str, units: &[(char, i64)]) -> Option<(usize, i64)> {
    let (mut found, mut millis) = (0, 0_i64);
    for (unit, length) in units {
        let Some((number, rest)) = text.split_once(*unit) else {
            continue;
        };
        let number = number.strip_prefix('+').unwrap_or(number);
        let (whole, part) = match number.split_once('.') {
            Some((whole, part)) if *unit == 'S' => (whole, part),
            _ => (number, ""),
        };
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + part.len() == 0 || !is_digits(whole) || !is_digits(part) {
            return None;
        }
        // What no number holds is for ever.
        let count = if whole.is_empty() {
            Ok(0)
        } else {
            whole.parse()
        };
        let length = count.unwrap_or(i64::MAX).saturating_mul(*length);
        let thousandths = part.bytes().chain(std::iter::repeat(b'0')).take(3);
        let thousandths = thousandths.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        millis = millis.saturating_add(length).saturating_add(thousandths);
        found += 1;
        text = rest;
    }
    text.is_empty().then_some((found, millis))
}

#[cfg(test)]
mod tests {
    use super::OffsetReset;

    #[test]
    fn positions_and_durations() {
        for (text, meant) in [
            ("earliest", OffsetReset::Earliest),
            ("latest", OffsetReset::Latest),
            ("by_duration:P1D", OffsetReset::Ago(86_400_000)),
            ("by_duration:PT1.5S", OffsetReset::Ago(1500)),
            ("by_duration:PT0.0019S", OffsetReset::Ago(1)),
            ("by_duration:p1dt2h", OffsetReset::Ago(93_600_000)),
            ("by_duration:P+2DT3M.5S", OffsetReset::Ago(172_980_500)),
            (
                "by_duration:P99999999999999999999D",
                OffsetReset::Ago(i64::MAX),
            ),
        ] {
            assert_eq!(OffsetReset::parse(text), Some(meant), "{text}");
        }
        for bad in [
            "EARLIEST",
            "by_duration:-P1D",
            "by_duration:X",
            "by_duration:",
            "by_duration:P",
            "by_duration:PT",
            "by_duration:P1.5D",
            "by_duration:PT1M1H",
        ] {
            assert_eq!(OffsetReset::parse(bad), None, "{bad}");
        }
    }
}
