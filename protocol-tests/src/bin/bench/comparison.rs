//! Fauxka beside others, in turn: one table.

use std::io::{self, Write};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;

use crate::figures::Figures;
use crate::librdkafka::Librdkafka;
use crate::machine;
use crate::peer::{How, Peer};
use crate::sizes::Sizes;
use crate::{latency, records, scale, small, start};

/// What is measured together, in one run of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Row {
    /// Start, first record, memory when idle
    Start,
    /// Start in this process (Fauxka alone)
    Embedded,
    /// Produce to 24 partitions of 1 KiB, memory after it, catch up
    Plain,
    /// The same with lz4
    Lz4,
    /// Produce 100 bytes to 1 partition
    Small,
    /// Produce 100 bytes to 24 partitions
    SmallMany,
    /// Acknowledgements at 500 records a second
    Latency,
    /// Transactions beside the idempotent producer, and commits
    Transactions,
    /// 2,000 topics of 5 partitions
    Topics,
    /// 1,000 and 10,000 idle connections
    Connections,
    /// Heartbeat, OffsetCommit and Metadata of all topics over 8 connections
    Requests,
}

/// What measurements write to, for one server.
pub(crate) struct Run<'a> {
    pub(crate) peer: &'a Peer,
    pub(crate) sizes: &'a Sizes,
    load: Option<&'a Librdkafka>,
    figures: &'a mut Figures,
    place: usize,
    /// Names each topic once.
    topics: &'a mut usize,
}

impl Run<'_> {
    pub(crate) fn add(&mut self, row: &str, unit: &'static str, figure: f64) {
        self.figures.add(self.place, row, unit, figure);
    }

    /// The name of a topic that is not there yet.
    pub(crate) fn topic(&mut self) -> String {
        *self.topics += 1;
        format!("bench-{}-{}", std::process::id(), self.topics)
    }

    pub(crate) fn load(&self) -> Result<&Librdkafka> {
        self.load.context("librdkafka is not there")
    }
}

/// What a table is made of.
pub(crate) struct Comparison<'a> {
    /// The first is what the others are compared with.
    pub(crate) peers: &'a [Peer],
    pub(crate) load: Option<&'a Librdkafka>,
    pub(crate) sizes: &'a Sizes,
    pub(crate) rounds: usize,
    pub(crate) rows: Vec<Row>,
}

impl Row {
    /// Whether there is such a row for a server.
    fn fits(self, peer: &Peer, place: usize) -> bool {
        match self {
            Self::Embedded => place == 0,
            Self::Plain | Self::Lz4 | Self::Small | Self::SmallMany => true,
            Self::Start
            | Self::Latency
            | Self::Transactions
            | Self::Topics
            | Self::Connections
            | Self::Requests => !matches!(peer.how, How::Frames(_)),
        }
    }

    fn measure(self, run: &mut Run<'_>) -> Result<()> {
        match self {
            Self::Start => start::process(run),
            Self::Embedded => start::embedded(run),
            Self::Plain => records::produce_and_consume(run, "none"),
            Self::Lz4 => records::produce_and_consume(run, "lz4"),
            Self::Small => records::produce_small(run, 1),
            Self::SmallMany => records::produce_small(run, 24),
            Self::Latency => latency::acknowledgements(run),
            Self::Transactions => latency::transactions(run),
            Self::Topics => scale::topics(run),
            Self::Connections => scale::connections(run),
            Self::Requests => small::requests(run),
        }
    }
}

impl Comparison<'_> {
    /// Measures all and prints the table; what could not be measured is a line below it.
    ///
    /// # Errors
    /// When a figure of the first server is not there, after the table was printed.
    pub(crate) fn print(&self, out: &mut impl Write) -> Result<()> {
        let before = machine::load_average();
        let mut figures = Figures::new(self.peers.len());
        let (mut missing, mut topics) = (Vec::new(), 0);
        self.warm(&mut topics);
        for row in &self.rows {
            for round in 0..self.rounds {
                let mut turns: Vec<_> = self.peers.iter().enumerate().collect();
                if round % 2 == 1 {
                    turns.reverse();
                }
                for (place, peer) in turns {
                    if !row.fits(peer, place) {
                        continue;
                    }
                    let _lost = writeln!(
                        io::stderr(),
                        "round {} of {}: {row:?} of {}",
                        round + 1,
                        self.rounds,
                        peer.name
                    );
                    let mut run = Run {
                        peer,
                        sizes: self.sizes,
                        load: self.load,
                        figures: &mut figures,
                        place,
                        topics: &mut topics,
                    };
                    if let Err(error) = row.measure(&mut run) {
                        let line = format!("MISSING {row:?} of {}: {error:#}", peer.name);
                        let _lost = writeln!(io::stderr(), "{line}");
                        if !missing.contains(&(place, line.clone())) {
                            missing.push((place, line));
                        }
                    }
                }
            }
        }
        let names: Vec<_> = self.peers.iter().map(|peer| peer.name.as_str()).collect();
        writeln!(out, "{}", figures.markdown(&names))?;
        self.explain(&before, out)?;
        for (_, line) in &missing {
            writeln!(out, "{line}")?;
        }
        let own = missing.iter().filter(|(place, _)| *place == 0).count();
        if own > 0 {
            bail!(
                "{own} measurements of {} failed",
                names.first().unwrap_or(&"the broker")
            );
        }
        Ok(())
    }

    /// What is started once has read and written before the first round; its figures are thrown away.
    fn warm(&self, topics: &mut usize) {
        for peer in self.peers.iter().filter(|peer| peer.is_held()) {
            let mut run = Run {
                peer,
                sizes: self.sizes,
                load: self.load,
                figures: &mut Figures::new(1),
                place: 0,
                topics,
            };
            // What fails here fails again, and is told then.
            let _same = records::produce_and_consume(&mut run, "none");
        }
    }

    fn explain(&self, before: &str, out: &mut impl Write) -> Result<()> {
        writeln!(
            out,
            "Medians of {} alternating rounds (the least and the most of them); a ratio is the first server's median over the other's.\n\
             CPU is the server's, GB are 10⁹ bytes of record values, half of each random. {}",
            self.rounds, self.sizes
        )?;
        writeln!(out, "Machine: {}.", machine::description())?;
        let versions: Vec<_> = self
            .peers
            .iter()
            .filter(|peer| !peer.version.is_empty())
            .map(|peer| format!("{} ({})", peer.name, peer.version))
            .collect();
        let load = self.load.map_or("none", |load| &load.version);
        writeln!(
            out,
            "Versions: {}; load by librdkafka {load}.",
            versions.join(", ")
        )?;
        writeln!(
            out,
            "Noise: load average {before} before, {} after.",
            machine::load_average()
        )?;
        Ok(())
    }
}
