//! Frames that are unfolded at one go, by laxer rules: `ZSTD_decompressFrame`.

use std::hash::Hasher as _;

use super::block::Limits;
use super::frame::{self, BLOCK_HEADER_BYTES, Block, Kind};
use super::{CHECKSUM_BYTES, Frame, Stage, Step, Zstd, corrupt};
use crate::wire::compression::{CodecError, damaged};

impl Zstd<'_> {
    /// Unfolds a frame that lies there whole, into `room` bytes.
    pub(super) fn unfold_whole(
        &mut self,
        frame: &mut Frame,
        room: usize,
    ) -> Result<Step, CodecError> {
        let mut at = self.at + frame.header.bytes;
        loop {
            let rest = self.input.get(at..).unwrap_or_default();
            let block = frame::block(rest)?.ok_or_else(corrupt)?;
            let rest = rest.get(BLOCK_HEADER_BYTES..).unwrap_or_default();
            let body = rest.get(..block.body()).ok_or_else(corrupt)?;
            let before = self.unfolded.bytes.len();
            self.unfold_block(frame, block, body, room)?;
            let fresh = self.unfolded.bytes.get(before..).unwrap_or_default();
            if frame.header.has_checksum {
                frame.hash.write(fresh);
            }
            at += BLOCK_HEADER_BYTES + body.len();
            if block.is_last {
                break;
            }
        }
        frame.check_size(self.unfolded.bytes.len())?;
        if frame.header.has_checksum {
            let rest = self.input.get(at..).unwrap_or_default();
            frame.check(*rest.first_chunk().ok_or_else(corrupt)?)?;
            at += CHECKSUM_BYTES;
        }
        self.at = at;
        self.frame_end = at;
        frame.stage = Stage::End;
        // It goes out in one piece, since it fits.
        Ok(Step::FrameEnded)
    }

    fn unfold_block(
        &mut self,
        frame: &mut Frame,
        block: Block,
        body: &[u8],
        room: usize,
    ) -> Result<(), CodecError> {
        let room = room.saturating_sub(self.unfolded.bytes.len() - frame.start);
        if block.kind == Kind::Compressed {
            let limits = Limits {
                block_max: frame.header.block_max(),
                room,
                at_one_go: true,
                history: frame.start,
            };
            return frame.entropy.unfold(body, limits, &mut self.unfolded);
        }
        if block.size > room {
            return Err(damaged("Destination buffer is too small"));
        }
        self.unfolded.check(block.size)?;
        let bytes = &mut self.unfolded.bytes;
        match block.kind {
            Kind::Repeated => {
                let byte = body.first().copied().unwrap_or_default();
                bytes.resize(bytes.len() + block.size, byte);
            }
            Kind::Raw | Kind::Compressed => bytes.extend_from_slice(body),
        }
        Ok(())
    }
}
