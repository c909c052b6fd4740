//! How transcripts look: a compact notation that breaks lines only where it must.

/// A value with everything unrepeatable already replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Text as it appears.
    Leaf(String),
    /// A list.
    List(Vec<Self>),
    /// Named values in order.
    Object(Vec<(String, Self)>),
}

const WIDTH: usize = 140;

impl Shown {
    /// On one line.
    #[must_use]
    pub fn line(&self) -> String {
        match self {
            Self::Leaf(text) => text.clone(),
            Self::List(items) => {
                format!(
                    "[{}]",
                    items.iter().map(Self::line).collect::<Vec<_>>().join(", ")
                )
            }
            Self::Object(fields) => {
                let fields: Vec<_> = fields
                    .iter()
                    .map(|(name, value)| format!("{name}: {}", value.line()))
                    .collect();
                format!("{{{}}}", fields.join(", "))
            }
        }
    }

    /// On as many lines as it takes, after `taken` columns of the first one.
    #[must_use]
    pub fn render(&self, indent: usize, taken: usize) -> String {
        let line = self.line();
        if taken + line.len() <= WIDTH {
            return line;
        }
        let inner = indent + 2;
        let pad = " ".repeat(inner);
        let end = " ".repeat(indent);
        match self {
            Self::Leaf(text) => text.clone(),
            // A list of one does not deserve lines of its own.
            Self::List(items) if items.len() == 1 => {
                let item: String = items
                    .iter()
                    .map(|item| item.render(indent, taken + 2))
                    .collect();
                format!("[{item}]")
            }
            Self::List(items) => {
                let items: String = items
                    .iter()
                    .map(|item| format!("{pad}{}\n", item.render(inner, inner)))
                    .collect();
                format!("[\n{items}{end}]")
            }
            Self::Object(fields) => {
                let fields: String = fields
                    .iter()
                    .map(|(name, value)| {
                        format!(
                            "{pad}{name}: {}\n",
                            value.render(inner, inner + name.len() + 2)
                        )
                    })
                    .collect();
                format!("{{\n{fields}{end}}}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_only_when_long() {
        let leaf = |text: &str| Shown::Leaf(text.to_owned());
        let short = Shown::Object(vec![
            ("a".into(), leaf("1")),
            ("b".into(), Shown::List(vec![leaf("x")])),
        ]);
        assert_eq!(short.render(0, 0), "{a: 1, b: [x]}");
        let long = Shown::List(vec![short, leaf(&"y".repeat(140))]);
        assert_eq!(
            long.render(0, 2),
            format!("[\n  {{a: 1, b: [x]}}\n  {}\n]", "y".repeat(140))
        );
    }
}
