//! The rows.

mod admin;
mod cluster;
mod data;
mod groups;
mod nodes;
mod security;
mod shares;
mod transactions;

use super::{Apply, Entities, ErrorField, Fill, Key, Kind, Level, Texts, Tree};
use crate::wire::api::Api;
use crate::wire::error::ErrorCode;

/// What an API's requests name.
pub(crate) fn of(api: Api) -> Option<&'static Entities> {
    let all = [
        data::ROWS,
        groups::ROWS,
        transactions::ROWS,
        admin::ROWS,
        cluster::ROWS,
        nodes::ROWS,
        security::ROWS,
        shares::ROWS,
    ];
    all.into_iter()
        .flatten()
        .find(|entities| entities.api == api)
}

// The words that the rows are written in.

const fn row(api: Api, fields: &'static [Key], trees: &'static [Tree], apply: Apply) -> Entities {
    Entities {
        api,
        fields,
        trees,
        apply,
    }
}

const fn key(request: &'static str, response: &'static str, kind: Kind) -> Key {
    Key {
        request,
        response,
        kind,
    }
}

/// A field that is called the same in both.
const fn same(name: &'static str, kind: Kind) -> Key {
    key(name, name, kind)
}

/// A field of the request itself.
const fn asked(name: &'static str, kind: Kind) -> Key {
    key(name, "", kind)
}

const fn level(request: &'static str, response: &'static str, keys: &'static [Key]) -> Level {
    Level {
        request,
        response,
        keys,
    }
}

const fn place(depth: usize, codes: &'static [ErrorCode]) -> ErrorField {
    ErrorField {
        depth,
        field: "ErrorCode",
        codes,
        fill: &[],
        texts: Texts::Of(&[]),
        rows: None,
    }
}

impl ErrorField {
    const fn field(mut self, field: &'static str) -> Self {
        self.field = field;
        self
    }

    const fn fill(mut self, fill: &'static [(&'static str, Fill)]) -> Self {
        self.fill = fill;
        self
    }

    const fn texts(mut self, texts: Texts) -> Self {
        self.texts = texts;
        self
    }

    /// The rows at this depth say the same.
    const fn with_rows(mut self, depth: usize, until: i16) -> Self {
        self.rows = Some((depth, until));
        self
    }
}

const fn tree(levels: &'static [Level], places: &'static [ErrorField]) -> Tree {
    Tree { levels, places }
}

/// An answer that is an error or not, as a whole.
const fn whole(places: &'static [ErrorField]) -> Tree {
    tree(&[], places)
}
