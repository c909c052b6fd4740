//! Values by their path: `topics[0].partitions[1].errorCode`.

use super::Shape;
use super::error::Misfit;
use super::value::Value;
use crate::wire::guard::schema::Kind;

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

/// The steps of a path, or nothing if it is none.
fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    for part in path.split('.').filter(|_| !path.is_empty()) {
        let (name, mut rest) = part.split_at(part.find('[').unwrap_or(part.len()));
        if !name.is_empty() {
            steps.push(Step::Name(name));
        }
        while let Some(inside) = rest.strip_prefix('[') {
            let (index, after) = inside.split_once(']')?;
            steps.push(Step::Index(index.parse().ok()?));
            rest = after;
        }
        if !rest.is_empty() || part.is_empty() {
            return None;
        }
    }
    Some(steps)
}

impl Value {
    /// The value at a path; the empty path is the value itself.
    pub(crate) fn get(&self, path: &str) -> Option<&Self> {
        let mut value = self;
        for step in steps(path)? {
            value = match (step, value) {
                (Step::Name(name), Self::Struct(row)) => row.get(name)?,
                (Step::Index(index), Self::Array(elements)) => elements.get(index)?,
                _ => return None,
            };
        }
        Some(value)
    }

    pub(crate) fn get_mut(&mut self, path: &str) -> Option<&mut Self> {
        let mut value = self;
        for step in steps(path)? {
            value = match (step, value) {
                (Step::Name(name), Self::Struct(row)) => row.get_mut(name)?,
                (Step::Index(index), Self::Array(elements)) => elements.get_mut(index)?,
                _ => return None,
            };
        }
        Some(value)
    }
}

impl Shape {
    /// Puts a value at a path of a body; whatever tagged fields lie on the way come to be. Whether
    /// the value fits is found when the body is encoded.
    pub(crate) fn set(self, body: &mut Value, path: &str, value: Value) -> Result<(), Misfit> {
        let nothing = || Misfit {
            path: path.to_owned(),
            why: "there is no such value".to_owned(),
        };
        let steps = steps(path).ok_or_else(nothing)?;
        *self.place(body, &steps).ok_or_else(nothing)? = value;
        Ok(())
    }

    fn place<'a>(self, body: &'a mut Value, steps: &[Step<'_>]) -> Option<&'a mut Value> {
        let mut kind = Kind::Struct(self.message.body);
        let mut value = body;
        for step in steps {
            (kind, value) = match (step, kind, value) {
                (Step::Name(name), Kind::Struct(body), Value::Struct(row)) => {
                    let field = self.field(body.fields, name)?;
                    if row.get(field.name).is_none() {
                        let initial = Value::initial(field, self.version);
                        row.fields.push((field.name, initial));
                    }
                    (field.kind, row.get_mut(field.name)?)
                }
                (Step::Index(index), Kind::Array(element), Value::Array(elements)) => {
                    (*element, elements.get_mut(*index)?)
                }
                _ => return None,
            };
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_names_and_indexes() {
        #[track_caller]
        fn check(path: &str, expected: Option<&[Step<'_>]>) {
            assert_eq!(steps(path).as_deref(), expected, "{path}");
        }
        check("", Some(&[]));
        check("a", Some(&[Step::Name("a")]));
        check(
            "a[0][12].b",
            Some(&[
                Step::Name("a"),
                Step::Index(0),
                Step::Index(12),
                Step::Name("b"),
            ]),
        );
        check("[1]", Some(&[Step::Index(1)]));
        for broken in ["a.", ".a", "a..b", "a[", "a[x]", "a[0", "a[0]b", "a[-1]"] {
            check(broken, None);
        }
    }
}
