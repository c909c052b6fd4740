//! Reading a recording's file, line by line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use serde::de::DeserializeOwned;

use super::BadRecording;

/// The longest line that is read. The first one has all that a cluster holds, every other one what can be told in one
/// input.
const LINE_BYTES_MAX: u64 = 8 << 30;

/// The lines of a recording.
pub(super) struct Lines {
    path: PathBuf,
    from: BufReader<MultiGzDecoder<BufReader<File>>>,
    /// The number of the latest line, from 1.
    line: u64,
    /// Where it begins in the unpacked file, and where the next one does; from 0.
    start: u64,
    end: u64,
    /// The file ends in the middle.
    pub(super) is_cut_off: bool,
}

/// A line that is JSON, but nothing that this version knows, or no JSON at all.
pub(super) struct Unreadable {
    pub(super) bad: BadRecording,
    /// It is JSON.
    pub(super) is_sound: bool,
}

impl Lines {
    pub(super) fn open(path: &Path) -> Result<Self, BadRecording> {
        let file = File::open(path).map_err(|source| BadRecording::File {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            from: BufReader::new(MultiGzDecoder::new(BufReader::new(file))),
            line: 0,
            start: 0,
            end: 0,
            is_cut_off: false,
        })
    }

    /// The next line that is whole.
    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>, BadRecording> {
        self.line = self.line.saturating_add(1);
        self.start = self.end;
        let mut line = Vec::new();
        let read = (&mut self.from)
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut line);
        let bytes = u64::try_from(line.len()).unwrap_or(u64::MAX);
        self.end = self.start.saturating_add(bytes);
        match read {
            Ok(0) => Ok(None),
            Ok(_) if line.pop_if(|last| *last == b'\n').is_some() => Ok(Some(line)),
            Ok(_) => self.cut_off(),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => self.cut_off(),
            Err(error) => {
                let why = format!("this is no recording, or it is damaged: {error}");
                Err(self.bad_at(self.end, why))
            }
        }
    }

    /// What the latest line says.
    pub(super) fn read<T: DeserializeOwned>(&self, line: &[u8]) -> Result<T, Unreadable> {
        serde_json::from_slice(line).map_err(|error| {
            let column = u64::try_from(error.column()).unwrap_or(u64::MAX);
            let at = self.start.saturating_add(column).saturating_sub(1);
            let said = error.to_string();
            // The line of the JSON is always its first.
            let (why, _) = said.rsplit_once(" at line ").unwrap_or((&said, ""));
            Unreadable {
                bad: self.bad_at(at, why),
                is_sound: error.is_data(),
            }
        })
    }

    /// A process that was killed leaves its last line in pieces.
    fn cut_off(&mut self) -> Result<Option<Vec<u8>>, BadRecording> {
        if self.line == 1 {
            return Err(self.bad_at(self.end, "the file ends before it has begun"));
        }
        self.is_cut_off = true;
        Ok(None)
    }

    /// Something is wrong with the latest line.
    pub(super) fn bad(&self, why: impl ToString) -> BadRecording {
        self.bad_at(self.start, why)
    }

    fn bad_at(&self, at: u64, why: impl ToString) -> BadRecording {
        BadRecording::Bad {
            path: self.path.clone(),
            line: self.line,
            byte: at.saturating_add(1),
            why: why.to_string(),
        }
    }
}
