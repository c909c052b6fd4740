//! The APIs by name, for people who name one.

use std::fmt;
use std::str::FromStr;

use super::api_table::for_each_api;
use super::names::nearest;

macro_rules! define {
    ($(($key:literal, $name:ident, $module:ident, $access:ident, $request:ident, $response:ident, $min:literal, $max:literal),)*) => {
        /// A kind of request, as Kafka names it.
        ///
        /// ```
        /// use fauxka::Api;
        ///
        /// assert_eq!("OFFSET_COMMIT".parse(), Ok(Api::OffsetCommit));
        /// assert_eq!(Api::OffsetCommit.to_string(), "OffsetCommit");
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[expect(missing_docs, reason = "the names are Kafka's")]
        pub enum Api {
            $($name = $key),*
        }

        impl Api {
            /// Every API that Fauxka serves, by key.
            ///
            /// ```
            /// assert!(fauxka::Api::ALL.contains(&fauxka::Api::Produce));
            /// ```
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Kafka's name for it.
            ///
            /// ```
            /// assert_eq!(fauxka::Api::JoinGroup.name(), "JoinGroup");
            /// ```
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name)),*
                }
            }

            /// The versions that are served, first and last.
            pub(crate) const fn versions(self) -> (i16, i16) {
                match self {
                    $(Self::$name => ($min, $max)),*
                }
            }
        }
    };
}
for_each_api!(define);

impl Api {
    /// The number that stands for it in requests.
    ///
    /// ```
    /// assert_eq!(fauxka::Api::ApiVersions.key(), 18);
    /// ```
    #[must_use]
    pub const fn key(self) -> i16 {
        self as i16
    }

    /// The one that requests name by this number, if it is served.
    pub(crate) fn of_key(key: i16) -> Option<Self> {
        Self::ALL.iter().copied().find(|api| api.key() == key)
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no API has; from `"…".parse::<Api>()`.
///
/// ```
/// let error = "OfsetCommit".parse::<fauxka::Api>().unwrap_err();
/// assert!(error.to_string().ends_with("did you mean OffsetCommit?"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{written:?} is not an API that is served: did you mean {nearest}?")]
pub struct UnknownApi {
    written: String,
    nearest: &'static str,
}

impl FromStr for Api {
    type Err = UnknownApi;

    /// Case, `_` and `-` do not matter, so that `OFFSET_COMMIT` is understood.
    fn from_str(text: &str) -> Result<Self, UnknownApi> {
        let plain = text.replace(['_', '-'], "");
        let named = |api: &&Self| api.name().eq_ignore_ascii_case(&plain);
        let found = Self::ALL.iter().find(named).copied();
        found.ok_or_else(|| {
            let names = Self::ALL.iter().map(|api| api.name());
            UnknownApi {
                written: text.to_owned(),
                nearest: nearest(text, names).unwrap_or_default(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apis_are_found_by_name() {
        for api in Api::ALL {
            assert_eq!(api.name().parse(), Ok(*api));
        }
        assert_eq!("OFFSET_COMMIT".parse(), Ok(Api::OffsetCommit));
        let error = "OfsetCommit".parse::<Api>().unwrap_err().to_string();
        assert!(error.contains("OffsetCommit?"), "{error}");
    }
}
