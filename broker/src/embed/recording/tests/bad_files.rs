//! Files that are cut off, damaged, foreign, full, or somebody's.

use super::*;

/// What happens again in no time: passwords take a while.
fn record_without_users(place: &Place) {
    let builder = Broker::builder().topic("orders", 1, 1);
    let broker = builder.record(&place.0).start_blocking().unwrap();
    let mut client = Client::new(&broker);
    for number in 0..10 {
        client.metadata();
        broker
            .produce("orders")
            .value(format!("{number}"))
            .send()
            .unwrap();
    }
}

#[test]
fn what_is_left_of_a_file_is_run() {
    let place = Place::new("cut");
    record_without_users(&place);
    let whole = fs::read(&place.0).unwrap();
    for length in (0..whole.len()).step_by(7) {
        fs::write(&place.0, &whole[..length]).unwrap();
        let rerun = Recording::load(&place.0).and_then(|recording| recording.rerun());
        match rerun {
            Ok(rerun) => assert_eq!(
                (rerun.difference(), rerun.is_whole()),
                (None, false),
                "{length}"
            ),
            Err(error) => assert!(error.to_string().contains("line 1"), "{length}: {error}"),
        }
    }
}

/// What is wrong with a file of this text.
fn error(place: &Place, text: &str) -> String {
    pack(&place.0, text);
    let rerun = Recording::load(&place.0).and_then(|recording| recording.rerun());
    rerun.unwrap_err().to_string()
}

#[test]
fn damage_is_named_by_line_and_byte() {
    let place = Place::new("damaged");
    record(&place);
    let text = unpacked(&place.0);
    let lines: Vec<_> = text.lines().collect();
    let head = lines[0].replace("\"seed\":", "\"seed\";");
    let byte = lines[0].find("\"seed\":").unwrap() + 7;
    let expected = format!("line 1, byte {byte}: this is no recording: expected `:`");
    let found = error(&place, &text.replacen(lines[0], &head, 1));
    assert!(found.contains(&expected), "{found}");
    let start: usize = lines[..9].iter().map(|line| line.len() + 1).sum();
    let broken = format!("{}{}", &text[..start], text[start..].replacen('{', "[", 1));
    let found = error(&place, &broken);
    let expected = format!("line 10, byte {}: ", start + 1);
    assert!(found.contains(&expected), "{found}");
}

#[test]
fn damage_of_the_packed_file_is_found_wherever_it_is() {
    let place = Place::new("bits");
    record_without_users(&place);
    let whole = fs::read(&place.0).unwrap();
    let unharmed = |bytes: &[u8]| {
        fs::write(&place.0, bytes).unwrap();
        let rerun = Recording::load(&place.0).and_then(|recording| recording.rerun());
        match rerun {
            Ok(rerun) => rerun.is_whole() && rerun.difference().is_none(),
            Err(error) => {
                let error = error.to_string();
                assert!(
                    error.contains("line ") && error.contains("byte "),
                    "{error}"
                );
                false
            }
        }
    };
    assert!(unharmed(&whole));
    // Behind the header, which says nothing of the content.
    for place in (10..whole.len()).step_by(11) {
        let mut damaged = whole.clone();
        damaged[place] ^= 0xff;
        assert!(!unharmed(&damaged), "byte {place}");
    }
}

#[test]
fn what_is_no_recording_is_said_to_be_none() {
    let place = Place::new("foreign");
    for foreign in ["[[topics]]", "", "{}"] {
        fs::write(&place.0, foreign).unwrap();
        let error = Recording::load(&place.0).unwrap_err().to_string();
        assert!(error.contains("line 1, byte "), "{foreign:?}: {error}");
    }
    let found = error(&place, "{\"topics\":[]}\n");
    assert!(
        found.contains("line 1, byte 9: this is no recording"),
        "{found}"
    );
    let none = Recording::load("/nowhere/at-all.run").unwrap_err();
    assert_eq!(none.to_string(), "cannot read /nowhere/at-all.run");
}

/// The text of a recording as another version might have made it.
fn of_another_version(place: &Place) -> String {
    record(place);
    let own = format!("\"recorded_by\":\"{}\"", env!("CARGO_PKG_VERSION"));
    unpacked(&place.0).replacen(&own, "\"recorded_by\":\"9.9.9\"", 1)
}

#[test]
fn another_version_s_recording_runs_as_far_as_it_is_understood() {
    let place = Place::new("version");
    let text = of_another_version(&place);
    pack(&place.0, &text);
    let recording = Recording::load(&place.0).unwrap();
    assert_eq!(recording.recorded_by(), "9.9.9");
    assert_eq!(recording.rerun().unwrap().difference(), None);
    let mut lines: Vec<_> = text.lines().collect();
    lines.insert(12, "{\"eclipsed\":{\"by\":\"the moon\"}}");
    pack(&place.0, &(lines.join("\n") + "\n"));
    let rerun = Recording::load(&place.0).unwrap().rerun().unwrap();
    let difference = rerun.difference().unwrap();
    assert!(difference.contains("line 13, byte "), "{difference}");
    assert!(
        difference.contains("this version cannot read on: unknown variant `eclipsed`"),
        "{difference}"
    );
    assert!(rerun.inputs() > 0);
    // In a recording of this version that is damage.
    let found = error(
        &place,
        &(lines.join("\n") + "\n").replacen("9.9.9", env!("CARGO_PKG_VERSION"), 1),
    );
    assert!(found.contains("unknown variant `eclipsed`"), "{found}");
}

#[test]
fn a_head_that_is_not_understood_says_who_made_it() {
    let place = Place::new("head");
    let text = of_another_version(&place);
    let found = error(
        &place,
        &text.replacen("\"seed\":", "\"moon\":1,\"seed\":", 1),
    );
    assert!(
        found.contains("Fauxka 9.9.9 made the recording, and this is "),
        "{found}"
    );
    assert!(found.contains("unknown field `moon`"), "{found}");
    let found = error(
        &place,
        &text.replacen("\"fauxka_recording\":2", "\"fauxka_recording\":3", 1),
    );
    assert!(
        found.contains("its format has version 3; this program knows version 2"),
        "{found}"
    );
}

#[test]
fn a_file_that_is_there_stays_unless_told_otherwise() {
    let place = Place::new("there");
    fs::write(&place.0, "mine").unwrap();
    let refused = Broker::builder().record(&place.0).start_blocking();
    let refused = refused.err().unwrap().to_string();
    assert!(refused.contains("is there already"), "{refused}");
    assert_eq!(fs::read(&place.0).unwrap(), b"mine");
    drop(
        Broker::builder()
            .record_over(&place.0)
            .start_blocking()
            .unwrap(),
    );
    assert!(Recording::load(&place.0).is_ok());
}

#[test]
fn a_recording_ends_at_its_size_and_the_cluster_goes_on() {
    let place = Place::new("size");
    let builder = Broker::builder().topic("orders", 1, 1);
    let broker = builder
        .record(&place.0)
        .record_bytes(2_000)
        .start_blocking()
        .unwrap();
    for number in 0..2_000 {
        let value = format!("{number}{:x}", 982_451_653_u64.wrapping_mul(number + 7));
        broker.produce("orders").value(value).send().unwrap();
    }
    drop(broker);
    let rerun = Recording::load(&place.0).unwrap().rerun().unwrap();
    assert!(rerun.ended().unwrap().contains("2000 bytes"));
    assert_eq!(rerun.difference(), None);
    assert!(rerun.inputs() < 2_000);
}
