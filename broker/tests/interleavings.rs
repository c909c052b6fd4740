//! What tasks of the shell share, in the orders in which they may come to it: a model checker (shuttle) runs the sources
//! themselves thousands of times, switching between tasks wherever they lock or count. A wake-up that is lost is a
//! deadlock, which it finds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub,
    dead_code,
    reason = "a test, and the broker uses more of what it shares"
)]

/// What the shared sources name of the rest of the crate.
mod engine {
    pub mod context {
        /// An effect by its number.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Effect(pub usize);
    }
}

#[path = "../src/server"]
mod server {
    pub mod sync {
        pub use shuttle::sync::atomic::AtomicU64;
        pub use shuttle::sync::{Arc, Mutex};
    }

    #[path = "alarm.rs"]
    pub mod alarm;
    #[path = "departed.rs"]
    pub mod departed;
    #[path = "mailbox.rs"]
    pub mod mailbox;

    /// Beside what they try, which is its neighbours' alone.
    mod orders {
        use std::collections::BTreeSet;
        use std::time::Duration;

        use shuttle::sync::atomic::{AtomicU64, Ordering};
        use shuttle::sync::{Arc, Mutex};
        use shuttle::{check_random, future, thread};

        use super::alarm::Alarm;
        use super::departed::Count;
        use super::mailbox::Mailbox;
        use crate::engine::context::Effect;

        /// Orders that are tried. Most mistakes show in the first dozen.
        const ORDERS: usize = 2_000;

        /// Effects that several tasks put are all taken, those of one task in order, by a task that gives up waiting now and then, as a
        /// connection does that hears something else.
        #[test]
        fn no_effect_is_lost_or_overtaken() {
            const EACH: usize = 3;
            check_random(
                || {
                    let mailbox = Mailbox::default();
                    let senders: Vec<_> = [0, 100]
                        .into_iter()
                        .map(|first| {
                            let mailbox = mailbox.clone();
                            thread::spawn(move || {
                                (first..first + EACH).for_each(|n| mailbox.put(Effect(n)))
                            })
                        })
                        .collect();
                    let taken = future::block_on(async {
                        let mut taken = Vec::new();
                        while taken.len() < 2 * EACH {
                            tokio::select! {
                                biased;
                                effect = mailbox.next() => taken.push(effect.0),
                                () = future::yield_now(), if taken.len() % 2 == 0 => {}
                            }
                        }
                        taken
                    });
                    senders
                        .into_iter()
                        .for_each(|sender| sender.join().unwrap());
                    assert!(mailbox.is_empty());
                    for first in [0, 100] {
                        let of_one = taken.iter().filter(|n| (first..first + EACH).contains(n));
                        assert!(of_one.copied().eq(first..first + EACH), "{taken:?}");
                    }
                },
                ORDERS,
            );
        }

        /// Those who are let in never take more than there may be together, and leave nothing behind.
        #[test]
        fn whoever_is_counted_in_fits() {
            const MOST: u64 = 64 << 20;
            check_random(
                || {
                    let count = Arc::new(Count::default());
                    let inside = Arc::new(AtomicU64::new(0));
                    let clients: Vec<_> = [30 << 20, 30 << 20, 40 << 20]
                        .into_iter()
                        .map(|bytes| {
                            let (count, inside) = (Arc::clone(&count), Arc::clone(&inside));
                            thread::spawn(move || {
                                if count.add(bytes) {
                                    let before = inside.fetch_add(bytes, Ordering::SeqCst);
                                    assert!(before + bytes <= MOST);
                                    inside.fetch_sub(bytes, Ordering::SeqCst);
                                }
                                count.remove(bytes);
                            })
                        })
                        .collect();
                    clients
                        .into_iter()
                        .for_each(|client| client.join().unwrap());
                    assert!(count.add(MOST), "something is counted that is gone");
                },
                ORDERS,
            );
        }

        #[test]
        fn there_may_be_so_many_and_so_much() {
            let counted = || {
                let count = Count::default();
                assert!((0..1_000).all(|_| count.add(1)));
                assert!(!count.add(1), "a client more");
                count.remove(1);
                count.remove(1);
                assert!(count.add(1));
                let count = Count::default();
                assert!(count.add(64 << 20));
                assert!(!count.add(1), "a byte more");
                count.remove(1);
                count.remove(64 << 20);
                assert!(count.add(1));
            };
            // Its steps are of one task, so there is one order.
            check_random(counted, 1);
        }

        /// The deadlines that there are, and the one that the timer waits for.
        type Deadlines = Mutex<(BTreeSet<Duration>, Option<Duration>)>;

        /// Whatever is planned while the timer is about to sleep, it sleeps until the earliest.
        #[test]
        fn the_timer_hears_of_every_earlier_deadline() {
            const EARLIEST: Duration = Duration::from_secs(1);
            check_random(
                || {
                    let alarm = Arc::new(Alarm::default());
                    let deadlines = Arc::<Deadlines>::default();
                    let planning: Vec<_> = [5, 1, 3]
                        .into_iter()
                        .map(|at| {
                            let (alarm, deadlines) = (Arc::clone(&alarm), Arc::clone(&deadlines));
                            thread::spawn(move || {
                                let mut guarded = deadlines.lock().unwrap();
                                let (planned, armed) = &mut *guarded;
                                planned.insert(Duration::from_secs(at));
                                alarm.follow(armed, planned.first().copied());
                            })
                        })
                        .collect();
                    let reached = tokio::sync::Notify::new();
                    let expire = || {
                        let mut guarded = deadlines.lock().unwrap();
                        guarded.1 = guarded.0.first().copied();
                        guarded.1
                    };
                    let sleep_until = |due| {
                        let reached = &reached;
                        async move {
                            if due == EARLIEST {
                                reached.notify_one();
                            }
                            std::future::pending::<()>().await;
                        }
                    };
                    future::block_on(async {
                        tokio::select! {
                            biased;
                            () = alarm.drive(expire, sleep_until) => {}
                            () = reached.notified() => {}
                        }
                    });
                    planning.into_iter().for_each(|task| task.join().unwrap());
                },
                ORDERS,
            );
        }
    }
}
