//! What one setting is: its name, type, default and the values it admits.

/// The type of a setting's value. The numbers are those of DescribeConfigs' `config_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConfigType {
    /// `true` or `false`, in any case.
    Boolean = 1,
    /// Text without the blanks around it.
    String = 2,
    /// 32-bit number.
    Int = 3,
    /// 16-bit number.
    Short = 4,
    /// 64-bit number.
    Long = 5,
    /// Floating-point number.
    Double = 6,
    /// Texts separated by commas.
    List = 7,
    /// Name of a Java class.
    Class = 8,
    /// Text that is never shown.
    Password = 9,
}

impl ConfigType {
    /// The type's name as Kafka's messages print it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::String => "STRING",
            Self::Int => "INT",
            Self::Short => "SHORT",
            Self::Long => "LONG",
            Self::Double => "DOUBLE",
            Self::List => "LIST",
            Self::Class => "CLASS",
            Self::Password => "PASSWORD",
        }
    }
}

/// Which values of its type a setting admits.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    /// Every value.
    Any,
    /// Numbers from the first to the second.
    Range(Option<i64>, Option<i64>),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// One of these texts, in any case.
    OneOfAnyCase(&'static [&'static str]),
    /// A list without empty elements and of these texts only, if any are named; it may be empty if `empty`.
    Elements {
        /// What the elements may be; no names admit everything.
        valid: &'static [&'static str],
        /// Whether the list may be empty.
        empty: bool,
    },
    /// Text that is not empty.
    NonEmpty,
    /// A gzip level: 1 to 9, or -1 for the codec's own.
    GzipLevel,
    /// `*` or a list of `partition:broker`.
    ThrottledReplicas,
    /// `earliest`, `latest` or `by_duration:` and an ISO 8601 duration (KIP-932).
    OffsetReset,
}

/// How a broker's setting can change while the broker runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Update {
    /// Not at all.
    ReadOnly,
    /// For one broker at a time.
    PerBroker,
    /// For one broker or for all.
    ClusterWide,
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConfigKey {
    /// Kafka's name for it.
    pub(crate) name: &'static str,
    /// Type of its value.
    pub(crate) kind: ConfigType,
    /// Its value when nobody sets it.
    pub(crate) default: Option<&'static str>,
    /// The values it admits.
    pub(crate) rule: Rule,
    /// Kafka hides it from descriptions unless it is set.
    pub(crate) internal: bool,
    /// How it can change. Means nothing outside brokers.
    pub(crate) update: Update,
    /// What it does here; settings without effect have no text.
    pub(crate) doc: Option<&'static str>,
}

macro_rules! constructors {
    ($($function:ident $kind:ident),+) => {
        $(pub(super) const fn $function(name: &'static str, default: &'static str) -> Self {
            Self { default: Some(default), ..Self::unset(name, ConfigType::$kind) }
        })+
    };
}

impl ConfigKey {
    constructors!(boolean Boolean, string String, int Int, short Short, long Long);
    constructors!(double Double, list List, class Class);

    /// A setting whose default is no value at all.
    pub(super) const fn unset(name: &'static str, kind: ConfigType) -> Self {
        Self {
            name,
            kind,
            default: None,
            rule: Rule::Any,
            internal: false,
            update: Update::ReadOnly,
            doc: None,
        }
    }

    pub(super) const fn rule(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    pub(super) const fn at_least(self, min: i64) -> Self {
        self.rule(Rule::Range(Some(min), None))
    }

    pub(super) const fn between(self, min: i64, max: i64) -> Self {
        self.rule(Rule::Range(Some(min), Some(max)))
    }

    pub(super) const fn one_of(self, valid: &'static [&'static str]) -> Self {
        self.rule(Rule::OneOf(valid))
    }

    pub(super) const fn one_of_any_case(self, valid: &'static [&'static str]) -> Self {
        self.rule(Rule::OneOfAnyCase(valid))
    }

    pub(super) const fn elements(self, valid: &'static [&'static str]) -> Self {
        self.rule(Rule::Elements { valid, empty: true })
    }

    pub(super) const fn never_empty(self) -> Self {
        if let Rule::Elements { valid, .. } = self.rule {
            return self.rule(Rule::Elements {
                valid,
                empty: false,
            });
        }
        self
    }

    pub(super) const fn internal(mut self) -> Self {
        self.internal = true;
        self
    }

    pub(super) const fn per_broker(mut self) -> Self {
        self.update = Update::PerBroker;
        self
    }

    pub(super) const fn cluster_wide(mut self) -> Self {
        self.update = Update::ClusterWide;
        self
    }

    pub(super) const fn doc(mut self, doc: &'static str) -> Self {
        self.doc = Some(doc);
        self
    }

    /// Whether its value must not be shown.
    pub(crate) const fn is_sensitive(&self) -> bool {
        matches!(self.kind, ConfigType::Password)
    }
}
