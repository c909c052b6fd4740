//! Cases: what they are, and what they need.

use std::sync::Arc;

use anyhow::Result;

use crate::context::Context;
use crate::profile::Profile;

/// The body of a case.
pub type Run = Arc<dyn Fn(&mut Context) -> Result<()> + Send + Sync>;

/// One case of the suite.
#[derive(Clone)]
pub struct Case {
    /// The behaviour area: the name of the case's file.
    pub area: &'static str,
    /// The name within the area.
    pub name: String,
    /// The cluster it needs.
    pub profile: Profile,
    /// Changes something that all cases share: runs alone.
    pub exclusive: bool,
    /// What it does.
    pub run: Run,
}

impl Case {
    /// `area/name`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}", self.area, self.name)
    }
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.id())
    }
}

/// What a case does.
pub type CaseFn = fn(&mut Context) -> Result<()>;

/// What a case does with an input, such as a version.
pub type CaseFnWith<T> = fn(&mut Context, T) -> Result<()>;

/// A function and its name, by which its case and its transcript go.
pub type Named<F> = (&'static str, F);

/// Functions with their names: `cases![vote, hand_over]`.
macro_rules! cases {
    ($($run:ident),* $(,)?) => {
        &[$((stringify!($run), $run)),*]
    };
}
pub(crate) use cases;

/// The cases of one area, as its file lists them.
#[derive(Debug)]
pub struct Area {
    name: &'static str,
    profile: Profile,
    cases: Vec<Case>,
}

impl Area {
    /// An area without cases.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            profile: Profile::One,
            cases: Vec::new(),
        }
    }

    /// The cases that follow run on this cluster instead of one node with the defaults.
    #[must_use]
    pub const fn on(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Adds a case.
    #[must_use]
    pub fn case(mut self, name: &str, run: CaseFn) -> Self {
        self.push(name, self.profile, Arc::new(run));
        self
    }

    /// Adds cases that have the names of their functions: see `cases!`.
    #[must_use]
    pub fn cases(self, cases: &[Named<CaseFn>]) -> Self {
        let profile = self.profile;
        self.cases_on(profile, cases)
    }

    /// Adds a case on a cluster of its own choice.
    #[must_use]
    pub fn case_on(mut self, profile: Profile, name: &str, run: CaseFn) -> Self {
        self.push(name, profile, Arc::new(run));
        self
    }

    /// Adds cases that have the names of their functions, on a cluster of their own choice.
    #[must_use]
    pub fn cases_on(self, profile: Profile, cases: &[Named<CaseFn>]) -> Self {
        cases
            .iter()
            .fold(self, |area, (name, run)| area.case_on(profile, name, *run))
    }

    /// The case added last changes something that all cases share: it runs alone.
    #[must_use]
    pub fn alone(mut self) -> Self {
        if let Some(case) = self.cases.last_mut() {
            case.exclusive = true;
        }
        self
    }

    /// Adds one case for each version.
    #[must_use]
    pub fn versions(
        mut self,
        name: &str,
        versions: impl IntoIterator<Item = i16>,
        run: CaseFnWith<i16>,
    ) -> Self {
        for version in versions {
            self.push(
                &format!("{name}_v{version}"),
                self.profile,
                Arc::new(move |cx| run(cx, version)),
            );
        }
        self
    }

    /// Adds one case for each version of each function, which gives it its name.
    #[must_use]
    pub fn cases_at(
        self,
        versions: impl IntoIterator<Item = i16> + Clone,
        cases: &[Named<CaseFnWith<i16>>],
    ) -> Self {
        cases.iter().fold(self, |area, (name, run)| {
            area.versions(name, versions.clone(), *run)
        })
    }

    /// Adds a case that is a row of a table.
    #[must_use]
    pub fn with<T: Copy + Send + Sync + 'static>(
        mut self,
        name: &str,
        input: T,
        run: CaseFnWith<T>,
    ) -> Self {
        self.push(name, self.profile, Arc::new(move |cx| run(cx, input)));
        self
    }

    /// Adds one case for each of some inputs; the input's text becomes part of the name.
    #[must_use]
    pub fn each<T: std::fmt::Display + Copy + Send + Sync + 'static>(
        mut self,
        name: &str,
        inputs: impl IntoIterator<Item = T>,
        run: CaseFnWith<T>,
    ) -> Self {
        for input in inputs {
            self.push(
                &format!("{name}_{input}"),
                self.profile,
                Arc::new(move |cx| run(cx, input)),
            );
        }
        self
    }

    /// Adds one case for each input of each function, which gives it its name.
    #[must_use]
    pub fn cases_for<T: std::fmt::Display + Copy + Send + Sync + 'static>(
        self,
        inputs: impl IntoIterator<Item = T> + Clone,
        cases: &[Named<CaseFnWith<T>>],
    ) -> Self {
        cases.iter().fold(self, |area, (name, run)| {
            area.each(name, inputs.clone(), *run)
        })
    }

    /// The cases.
    #[must_use]
    pub fn into_cases(self) -> Vec<Case> {
        self.cases
    }

    fn push(&mut self, name: &str, profile: Profile, run: Run) {
        let name = name.to_owned();
        self.cases.push(Case {
            area: self.name,
            name,
            profile,
            exclusive: false,
            run,
        });
    }
}
