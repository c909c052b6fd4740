//! Moments as AWS writes them: `20261130T041242Z`.

use crate::wire::units::WallMillis;

const DAY_MS: i64 = 86_400_000;

/// What such a text says; none if it is not one.
pub(super) fn parse(text: &str) -> Option<WallMillis> {
    let bytes = text.as_bytes();
    let marks = (bytes.len(), bytes.get(8), bytes.get(15));
    if marks != (16, Some(&b'T'), Some(&b'Z')) {
        return None;
    }
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
        all_digits.then(|| digits.parse::<i64>().ok()).flatten()
    };
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(9, 11)?, number(11, 13)?, number(13, 15)?);
    let is_time = hour < 24 && minute < 60 && second < 60;
    let days = days_of(year, month, day).filter(|_| is_time)?;
    let seconds = (hour * 60 + minute) * 60 + second;
    Some(WallMillis(days * DAY_MS + seconds * 1000))
}

/// How many days a date is after 1970-01-01; none if there is no such date.
fn days_of(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let february = if is_leap { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = usize::try_from(month - 1).ok()?;
    let length = *lengths.get(before)?;
    if !(1..=length).contains(&day) || year < 1970 {
        return None;
    }
    let leaps = |until: i64| until / 4 - until / 100 + until / 400;
    let years = (year - 1970) * 365 + leaps(year - 1) - leaps(1969);
    let months: i64 = lengths.iter().take(before).sum();
    Some(years + months + day - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read() {
        let check = |text, seconds: i64| {
            assert_eq!(parse(text), Some(WallMillis(seconds * 1000)), "{text}");
        };
        check("19700101T000000Z", 0);
        check("20000229T235959Z", 951_868_799);
        check("20130524T000000Z", 1_369_353_600);
        check("20261130T041242Z", 1_796_011_962);
        for wrong in [
            "",
            "20261130T041242",
            "20261130T041242z",
            "2026-11-30T04:12",
            "20261131T041242Z",
            "20260229T041242Z",
            "20261330T041242Z",
            "20261130T241242Z",
            "20261130T046042Z",
            "2026113 T041242Z",
            "+0261130T041242Z",
            "19691231T235959Z",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
