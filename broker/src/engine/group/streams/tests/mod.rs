mod golden;
mod told;
