//! Keys that tokens are checked with and that come over HTTP: asked for when the engine says so, and tried again as Kafka does.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{self, Instant};

use super::http;
use super::shared::Shared;
use crate::engine::input::Input;
use crate::engine::sasl::oauth::{Jwks, Source, SourceId};

/// Keys that have come are not asked for again so soon: jose4j's `refreshReprieveThreshold`. jose4j forgets that it was to ask; that
/// would leave a token without its key for a minute, so here it waits.
const REPRIEVE: Duration = Duration::from_millis(300);

impl Shared {
    /// Asks for all keys, before anybody is served.
    ///
    /// # Errors
    /// Some do not come: Kafka would not start.
    pub(crate) async fn fetch_keys(&self) -> Result<(), String> {
        for (set, source) in self.sources() {
            let text = keys_of(&source).await;
            let text = text.map_err(|why| {
                let url = &source.url;
                format!("sasl.oauthbearer.jwks.endpoint.url {url}: {why}")
            })?;
            self.tell(Input::KeySetCame {
                set,
                came: Ok(text),
            });
        }
        Ok(())
    }

    /// Has keys come whenever the engine asks for them, on the current runtime, which ends that.
    pub(super) fn follow_key_sets(self: &Arc<Self>) {
        for (set, source) in self.sources() {
            tokio::spawn(follow(Arc::clone(self), set, source));
        }
    }

    fn sources(&self) -> Vec<(SourceId, Source)> {
        self.look(|engine| {
            let sources = engine.state.sasl.key_sets.sources();
            sources.map(|(set, source)| (set, source.clone())).collect()
        })
    }

    fn asked(&self, set: SourceId) -> u64 {
        self.look(|engine| engine.state.sasl.key_sets.asked(set))
    }
}

async fn follow(shared: Arc<Shared>, set: SourceId, source: Source) {
    let mut news = shared.key_news.subscribe();
    let mut done = 0;
    loop {
        let asked = shared.asked(set);
        if asked == done {
            if news.changed().await.is_err() {
                return;
            }
            continue;
        }
        done = asked;
        let came = refreshed(&source).await;
        let has_come = came.is_ok();
        shared.tell(Input::KeySetCame { set, came });
        if has_come {
            time::sleep(REPRIEVE).await;
        }
    }
}

/// Tries until it is given up, as Kafka's `Retry` does. That takes real time whatever clock the cluster has: who is asked knows of
/// no other.
async fn refreshed(source: &Source) -> Result<String, String> {
    let end = Instant::now().checked_add(source.backoff_max);
    let mut wait = source.backoff;
    let mut first = None;
    loop {
        let why = match keys_of(source).await {
            Ok(text) => return Ok(text),
            Err(why) => why,
        };
        let why = first.get_or_insert(why);
        let left = end.map_or(wait, |end| end.saturating_duration_since(Instant::now()));
        let pause = wait.min(left);
        if pause.is_zero() {
            return Err(std::mem::take(why));
        }
        time::sleep(pause).await;
        wait = wait.saturating_mul(2);
    }
}

/// The text of a set.
async fn keys_of(source: &Source) -> Result<String, String> {
    let text = http::get(&source.url, &source.trusted).await?;
    match Jwks::parse(&text) {
        Ok(_) => Ok(text),
        Err(why) => Err(why.to_string()),
    }
}
