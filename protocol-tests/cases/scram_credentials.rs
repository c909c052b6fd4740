//! SCRAM credentials that clients list and change.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::codec::bytes::hex;
use crate::context::{Conn, Context};
use crate::profile::{Profile, USERS};
use crate::sasl::{Hash, Scram, Way};

const A: Conn = Context::A;
const SALT: &[u8] = b"salt";
const ITERATIONS: u32 = 4096;

pub(super) fn area() -> Area {
    let area = Area::new("scram_credentials");
    let area = FAULTS
        .iter()
        .fold(area, |area, row| area.with(row.0, row, fault));
    area.cases(cases![
        create_and_delete,
        both_mechanisms,
        replace,
        delete_one_of_two,
        delete_twice,
        delete_and_create_at_once,
        twice_at_once,
        three_times_at_once,
        delete_twice_at_once,
        some_of_it_fails,
        empty_salt,
        odd_names,
        nothing_asked,
        describe_unknown,
        describe_twice,
        describe_an_empty_name,
    ])
    .on(Profile::SaslSessions)
    .cases(cases![describe_all])
    .on(Profile::Sasl)
    .case("new_user_logs_in", |cx| new_user_logs_in(cx, Hash::Sha256))
    .case("new_user_logs_in_512", |cx| {
        new_user_logs_in(cx, Hash::Sha512)
    })
    .cases(cases![
        iterations_of_its_own,
        name_with_comma_and_equals_sign,
        deleted_user_is_refused,
        a_login_outlives_its_user,
        a_login_that_has_begun_outlives_its_user,
        not_by_plain,
    ])
}

fn upsertion(name: &str, hash: Hash, iterations: u32, password: &str) -> Value {
    let salted = hash.salted_password(password, SALT, iterations);
    json!({"name": name, "mechanism": hash.number(), "iterations": iterations,
        "salt": hex(SALT), "saltedPassword": hex(&salted)})
}

fn deletion(name: &str, hash: Hash) -> Value {
    json!({"name": name, "mechanism": hash.number()})
}

fn alter(cx: &mut Context, deletions: &[Value], upsertions: &[Value]) -> Result<Value> {
    cx.labels.hidden = vec!["saltedPassword", "authBytes"];
    let body = json!({"deletions": deletions, "upsertions": upsertions});
    cx.call("AlterUserScramCredentials", 0, body)
}

fn ask_about(cx: &mut Context, names: &[&str]) -> Result<Value> {
    let users = names.iter().map(|name| json!({"name": name}));
    let users: Vec<_> = users.collect();
    cx.call("DescribeUserScramCredentials", 0, json!({"users": users}))
}

/// Waits until a user has so many credentials: a broker hears of it after the controller has answered.
fn await_count(cx: &mut Context, name: &str, count: usize) -> Result<()> {
    cx.until("the credentials", |cx| {
        let answer = ask_about(cx, &[name])?;
        let known = answer["results"][0]["credentialInfos"].as_array();
        Ok(known.map_or(0, Vec::len) == count)
    })
}

fn create(cx: &mut Context, name: &str, hash: Hash) -> Result<()> {
    alter(cx, &[], &[upsertion(name, hash, ITERATIONS, "secret")])?;
    Ok(())
}

fn create_and_delete(cx: &mut Context) -> Result<()> {
    let user = cx.topic("user");
    create(cx, &user, Hash::Sha256)?;
    await_count(cx, &user, 1)?;
    ask_about(cx, &[&user])?;
    alter(cx, &[deletion(&user, Hash::Sha256)], &[])?;
    await_count(cx, &user, 0)?;
    ask_about(cx, &[&user])?;
    Ok(())
}

fn both_mechanisms(cx: &mut Context) -> Result<()> {
    let user = cx.topic("user");
    create(cx, &user, Hash::Sha512)?;
    create(cx, &user, Hash::Sha256)?;
    await_count(cx, &user, 2)?;
    ask_about(cx, &[&user])?;
    Ok(())
}

fn replace(cx: &mut Context) -> Result<()> {
    let user = cx.topic("user");
    create(cx, &user, Hash::Sha256)?;
    alter(cx, &[], &[upsertion(&user, Hash::Sha256, 5000, "other")])?;
    cx.until("the new credential", |cx| {
        let answer = ask_about(cx, &[&user])?;
        Ok(answer["results"][0]["credentialInfos"][0]["iterations"] == 5000)
    })?;
    ask_about(cx, &[&user])?;
    Ok(())
}

fn delete_one_of_two(cx: &mut Context) -> Result<()> {
    let user = cx.topic("user");
    create(cx, &user, Hash::Sha512)?;
    create(cx, &user, Hash::Sha256)?;
    await_count(cx, &user, 2)?;
    alter(cx, &[deletion(&user, Hash::Sha256)], &[])?;
    await_count(cx, &user, 1)?;
    ask_about(cx, &[&user])?;
    Ok(())
}

fn delete_twice(cx: &mut Context) -> Result<()> {
    let user = cx.topic("user");
    create(cx, &user, Hash::Sha256)?;
    for _ in 0..2 {
        alter(cx, &[deletion(&user, Hash::Sha256)], &[])?;
    }
    Ok(())
}

fn delete_and_create_at_once(cx: &mut Context) -> Result<()> {
    let user = cx.topic("user");
    create(cx, &user, Hash::Sha256)?;
    let new = upsertion(&user, Hash::Sha512, ITERATIONS, "secret");
    alter(cx, &[deletion(&user, Hash::Sha256)], &[new])?;
    await_count(cx, &user, 1)?;
    ask_about(cx, &[&user])?;
    Ok(())
}

fn twice_at_once(cx: &mut Context) -> Result<()> {
    let user = cx.topic("user");
    let both = Hash::ALL.map(|hash| upsertion(&user, hash, ITERATIONS, "secret"));
    alter(cx, &[], &both)?;
    ask_about(cx, &[&user])?;
    Ok(())
}

fn three_times_at_once(cx: &mut Context) -> Result<()> {
    let user = cx.topic("user");
    let new = upsertion(&user, Hash::Sha256, ITERATIONS, "secret");
    alter(cx, &[], &[new.clone(), new.clone(), new])?;
    ask_about(cx, &[&user])?;
    Ok(())
}

fn delete_twice_at_once(cx: &mut Context) -> Result<()> {
    let user = cx.topic("user");
    create(cx, &user, Hash::Sha256)?;
    let gone = deletion(&user, Hash::Sha256);
    alter(cx, &[gone.clone(), gone], &[])?;
    await_count(cx, &user, 1)?;
    ask_about(cx, &[&user])?;
    Ok(())
}

fn some_of_it_fails(cx: &mut Context) -> Result<()> {
    let (one, other, third) = (cx.topic("one"), cx.topic("other"), cx.topic("third"));
    create(cx, &third, Hash::Sha256)?;
    let good = upsertion(&one, Hash::Sha256, ITERATIONS, "secret");
    let bad = upsertion(&other, Hash::Sha256, 1, "secret");
    alter(cx, &[deletion(&third, Hash::Sha256)], &[bad, good])?;
    await_count(cx, &one, 1)?;
    await_count(cx, &third, 0)?;
    ask_about(cx, &[&one, &other, &third])?;
    Ok(())
}

fn empty_salt(cx: &mut Context) -> Result<()> {
    let user = cx.topic("user");
    let mut new = upsertion(&user, Hash::Sha256, ITERATIONS, "secret");
    new["salt"] = json!("");
    alter(cx, &[], &[new])?;
    await_count(cx, &user, 1)?;
    ask_about(cx, &[&user])?;
    Ok(())
}

fn odd_names(cx: &mut Context) -> Result<()> {
    let plain = cx.topic("user");
    let names = ["a,b=c", " ", "\u{e9}", "\u{1f600}"].map(|odd| format!("{odd}{plain}"));
    for name in &names {
        create(cx, name, Hash::Sha256)?;
        await_count(cx, name, 1)?;
        ask_about(cx, &[name])?;
    }
    Ok(())
}

fn nothing_asked(cx: &mut Context) -> Result<()> {
    alter(cx, &[], &[])?;
    Ok(())
}

fn describe_unknown(cx: &mut Context) -> Result<()> {
    let (one, other) = (cx.topic("one"), cx.topic("other"));
    ask_about(cx, &[&one, &other])?;
    Ok(())
}

fn describe_twice(cx: &mut Context) -> Result<()> {
    let (one, other) = (cx.topic("one"), cx.topic("other"));
    create(cx, &one, Hash::Sha256)?;
    await_count(cx, &one, 1)?;
    ask_about(cx, &[&one, &other, &one, &one, &other])?;
    Ok(())
}

fn describe_an_empty_name(cx: &mut Context) -> Result<()> {
    ask_about(cx, &[""])?;
    Ok(())
}

fn describe_all(cx: &mut Context) -> Result<()> {
    cx.log_in(A, USERS[0])?;
    cx.call("DescribeUserScramCredentials", 0, json!({"users": null}))?;
    // The order of mechanisms is another in each run of a Java machine, that of users is not.
    cx.labels.exact_order = true;
    cx.labels.hidden = vec!["credentialInfos"];
    cx.call("DescribeUserScramCredentials", 0, json!({"users": null}))?;
    ask_about(cx, &[])?;
    ask_about(cx, &["bob", "alice"])?;
    Ok(())
}

/// Name, mechanism, iterations, bytes of the salted password, whether the name is empty.
type Fault = (&'static str, i8, i32, usize, bool);

const FAULTS: &[Fault] = &[
    ("too_few_iterations", 1, 4095, 32, false),
    ("too_few_iterations_512", 2, 4095, 64, false),
    ("no_iterations", 1, 0, 32, false),
    ("negative_iterations", 1, -1, 32, false),
    ("fewest_iterations", 2, 4096, 64, false),
    ("most_iterations", 1, 16_384, 32, false),
    ("too_many_iterations", 1, 16_385, 32, false),
    ("far_too_many_iterations", 2, i32::MAX, 64, false),
    ("mechanism_0", 0, 4096, 32, false),
    ("mechanism_3", 3, 4096, 32, false),
    ("mechanism_negative", -1, 4096, 32, false),
    ("mechanism_unknown_and_too_few_iterations", 3, 1, 32, false),
    ("empty_name", 1, 4096, 32, true),
    ("empty_name_and_unknown_mechanism", 3, 1, 32, true),
    ("empty_password", 1, 4096, 0, false),
    ("short_password", 1, 4096, 1, false),
    ("long_password", 1, 4096, 1000, false),
];

fn fault(cx: &mut Context, &(_, mechanism, iterations, bytes, unnamed): &Fault) -> Result<()> {
    let user = if unnamed {
        String::new()
    } else {
        cx.topic("user")
    };
    let new = json!({"name": user, "mechanism": mechanism, "iterations": iterations,
        "salt": hex(SALT), "saltedPassword": hex(&vec![7; bytes])});
    alter(cx, &[], &[new])?;
    let gone = json!({"name": user, "mechanism": mechanism});
    alter(cx, &[gone], &[])?;
    Ok(())
}

fn log_in(cx: &mut Context, conn: Conn, hash: Hash, name: &str) -> Result<bool> {
    let way = Way::Requests(1);
    cx.shake_hands(conn, hash.mechanism(), way)?;
    let mut scram = Scram::new(hash, name, "secret");
    Ok(scram.begin(cx, conn, way)? && scram.prove(cx, conn, way)?)
}

fn new_user_logs_in(cx: &mut Context, hash: Hash) -> Result<()> {
    cx.log_in(A, USERS[0])?;
    let user = cx.topic("user");
    create(cx, &user, hash)?;
    await_count(cx, &user, 1)?;
    let conn = cx.connect(1)?;
    log_in(cx, conn, hash, &user)?;
    cx.call_on(conn, "Metadata", 1, json!({"topics": []}))?;
    Ok(())
}

fn iterations_of_its_own(cx: &mut Context) -> Result<()> {
    cx.log_in(A, USERS[0])?;
    let user = cx.topic("user");
    alter(cx, &[], &[upsertion(&user, Hash::Sha256, 5000, "secret")])?;
    await_count(cx, &user, 1)?;
    let conn = cx.connect(1)?;
    log_in(cx, conn, Hash::Sha256, &user)?;
    Ok(())
}

fn name_with_comma_and_equals_sign(cx: &mut Context) -> Result<()> {
    cx.log_in(A, USERS[0])?;
    let user = cx.topic("user");
    let name = format!("a,b={user}");
    create(cx, &name, Hash::Sha256)?;
    await_count(cx, &name, 1)?;
    let conn = cx.connect(1)?;
    log_in(cx, conn, Hash::Sha256, &format!("a=2Cb=3D{user}"))?;
    cx.call_on(conn, "Metadata", 1, json!({"topics": []}))?;
    Ok(())
}

fn deleted_user_is_refused(cx: &mut Context) -> Result<()> {
    cx.log_in(A, USERS[0])?;
    let user = cx.topic("user");
    create(cx, &user, Hash::Sha256)?;
    await_count(cx, &user, 1)?;
    alter(cx, &[deletion(&user, Hash::Sha256)], &[])?;
    await_count(cx, &user, 0)?;
    let conn = cx.connect(1)?;
    log_in(cx, conn, Hash::Sha256, &user)?;
    cx.expect_closed(conn)
}

fn a_login_outlives_its_user(cx: &mut Context) -> Result<()> {
    cx.log_in(A, USERS[0])?;
    let user = cx.topic("user");
    create(cx, &user, Hash::Sha256)?;
    await_count(cx, &user, 1)?;
    let conn = cx.connect(1)?;
    log_in(cx, conn, Hash::Sha256, &user)?;
    alter(cx, &[deletion(&user, Hash::Sha256)], &[])?;
    await_count(cx, &user, 0)?;
    cx.call_on(conn, "Metadata", 1, json!({"topics": []}))?;
    Ok(())
}

fn a_login_that_has_begun_outlives_its_user(cx: &mut Context) -> Result<()> {
    cx.log_in(A, USERS[0])?;
    let user = cx.topic("user");
    create(cx, &user, Hash::Sha256)?;
    await_count(cx, &user, 1)?;
    let (conn, way) = (cx.connect(1)?, Way::Requests(1));
    cx.shake_hands(conn, "SCRAM-SHA-256", way)?;
    let mut scram = Scram::new(Hash::Sha256, &user, "secret");
    scram.begin(cx, conn, way)?;
    alter(cx, &[deletion(&user, Hash::Sha256)], &[])?;
    await_count(cx, &user, 0)?;
    scram.prove(cx, conn, way)?;
    Ok(())
}

/// Kafka knows passwords for PLAIN from its configuration alone.
fn not_by_plain(cx: &mut Context) -> Result<()> {
    cx.log_in(A, USERS[0])?;
    let user = cx.topic("user");
    create(cx, &user, Hash::Sha256)?;
    await_count(cx, &user, 1)?;
    let (conn, way) = (cx.connect(1)?, Way::Requests(1));
    cx.shake_hands(conn, "PLAIN", way)?;
    let token = crate::sasl::plain_token(&user, "secret");
    cx.send_token(conn, way, ("", &token))?;
    cx.expect_closed(conn)
}
