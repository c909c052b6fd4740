//! StreamsGroupHeartbeat (key 88), StreamsGroupDescribe (key 89), StreamsGroupTopologyDescriptionUpdate (key 93): what is refused.

use anyhow::Result;
use serde_json::{Value, json};

use super::members::{Consumer, Streams, describe_streams, reads, subtopology, topology};
use crate::case::{Area, cases};
use crate::context::Context;
use crate::profile::Profile;

pub(super) fn area() -> Area {
    Area::new("streams_group_errors")
        .on(Profile::Streams)
        .cases(cases![
            empty_names,
            joins_without,
            tasks_of_who_joins,
            topologies_of_who_stays,
            forbidden_topics,
            invalid_topics,
            regular_expressions,
            changelogs_with_partitions,
            describe_others,
            groups_of_other_kinds,
            empty_groups_change_their_kind,
            topology_descriptions,
            classic_requests,
        ])
}

fn empty_names(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    Streams::new(&group, "").join(cx, &reads(&["a"]))?;
    Streams::new(&group, " ").join(cx, &reads(&["a"]))?;
    Streams::new("", "m").join(cx, &reads(&["a"]))?;
    Streams::new(" ", "m").join(cx, &reads(&["a"]))?;
    Streams::fixed(&group, "m", "").join(cx, &reads(&["a"]))?;
    let mut m = Streams::new(&group, "m");
    m.beat(
        cx,
        json!({"rackId": "", "rebalanceTimeoutMs": 1000, "topology": reads(&["a"])}),
    )?;
    m.epoch = 1;
    m.beat(cx, json!({"rackId": ""}))?;
    Ok(())
}

fn joins_without(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Streams::new(&group, "m");
    m.idle(cx)?;
    m.beat(cx, json!({"rebalanceTimeoutMs": 1000}))?;
    m.beat(cx, json!({"topology": reads(&["a"])}))?;
    m.beat(
        cx,
        json!({"rebalanceTimeoutMs": 1000, "topology": reads(&["a"])}),
    )?;
    m.leave(cx, -1)?;
    m.leave(cx, -2)?;
    m.leave(cx, -3)?;
    m.leave(cx, i64::from(i32::MIN))?;
    Ok(())
}

fn tasks_of_who_joins(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let tasks = json!([{"subtopologyId": "0", "partitions": [0]}]);
    for kind in ["activeTasks", "standbyTasks", "warmupTasks"] {
        let mut m = Streams::new(&group, "m");
        let mut fields = json!({"rebalanceTimeoutMs": 1000, "topology": reads(&["a"]),
            "activeTasks": [], "standbyTasks": [], "warmupTasks": []});
        fields[kind] = tasks.clone();
        m.beat(cx, fields)?;
    }
    let mut m = Streams::new(&group, "m");
    m.beat(
        cx,
        json!({"rebalanceTimeoutMs": 1000, "topology": reads(&["a"]), "activeTasks": []}),
    )?;
    Ok(())
}

fn topologies_of_who_stays(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 1)?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&a]))?;
    m.beat(cx, json!({"topology": reads(&[&a])}))?;
    m.epoch = -1;
    m.beat(cx, json!({"topology": reads(&[&a])}))?;
    Ok(())
}

fn forbidden_topics(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Streams::new(&group, "m");
    m.join(
        cx,
        &reads(&[
            "__consumer_offsets",
            "a",
            "__transaction_state",
            "__share_group_state",
        ]),
    )?;
    let info = |name: &str| json!([{"name": name, "partitions": 0, "replicationFactor": 0, "topicConfigs": []}]);
    for fields in [
        json!({"stateChangelogTopics": info("__consumer_offsets")}),
        json!({"repartitionSinkTopics": ["__consumer_offsets"]}),
        json!({"repartitionSourceTopics": info("__consumer_offsets")}),
    ] {
        m.join(cx, &topology(&[subtopology("0", &["a"], fields)]))?;
    }
    Ok(())
}

fn invalid_topics(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&["a b", "", "c", ".", "a b"]))?;
    m.join(cx, &reads(&["a b", "__consumer_offsets"]))?;
    Ok(())
}

fn regular_expressions(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let mut m = Streams::new(&group, "m");
    m.join(
        cx,
        &topology(&[subtopology("0", &[], json!({"sourceTopicRegex": ["a.*"]}))]),
    )?;
    m.join(
        cx,
        &topology(&[subtopology("0", &["a"], json!({"sourceTopicRegex": [""]}))]),
    )?;
    Streams::new(&group, "").join(
        cx,
        &topology(&[subtopology("0", &[], json!({"sourceTopicRegex": ["a"]}))]),
    )?;
    Ok(())
}

fn changelogs_with_partitions(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let info = |name: &str, partitions: i32| json!({"name": name, "partitions": partitions, "replicationFactor": 0, "topicConfigs": []});
    let fields = json!({"stateChangelogTopics": [info("a-changelog", 0), info("b-changelog", 2), info("c-changelog", -1)]});
    let mut m = Streams::new(&group, "m");
    m.join(cx, &topology(&[subtopology("0", &["a"], fields)]))?;
    Ok(())
}

fn describe_others(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 1)?;
    let consumers = cx.group("consumers")?;
    cx.quietly(|cx| Consumer::new(&consumers, "m").join(cx, &[&a]))?;
    Streams::new(&group, "m").join(cx, &reads(&[&a]))?;
    let nobody = cx.group("nobody")?;
    cx.call("StreamsGroupDescribe", 1, json!({"groupIds": [consumers]}))?;
    cx.call("StreamsGroupDescribe", 1, json!({"groupIds": [nobody]}))?;
    cx.call("StreamsGroupDescribe", 1, json!({"groupIds": [""]}))?;
    cx.call("StreamsGroupDescribe", 1, json!({"groupIds": []}))?;
    let both = json!({"groupIds": [group], "includeAuthorizedOperations": true, "includeTopologyDescription": true});
    cx.call("StreamsGroupDescribe", 1, both)?;
    cx.call(
        "StreamsGroupDescribe",
        0,
        json!({"groupIds": [group], "includeAuthorizedOperations": true}),
    )?;
    cx.call("ConsumerGroupDescribe", 1, json!({"groupIds": [group]}))?;
    cx.call("DescribeGroups", 6, json!({"groups": [group]}))?;
    cx.call("DescribeGroups", 5, json!({"groups": [group]}))?;
    Ok(())
}

fn groups_of_other_kinds(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 1)?;
    cx.quietly(|cx| Consumer::new(&group, "m").join(cx, &[&a]))?;
    Streams::new(&group, "n").join(cx, &reads(&[&a]))?;
    let mut n = Streams::new(&group, "n");
    n.epoch = 1;
    n.idle(cx)?;
    n.leave(cx, -1)?;
    let streams = cx.group("streams")?;
    Streams::new(&streams, "m").join(cx, &reads(&[&a]))?;
    Consumer::new(&streams, "n").join(cx, &[&a])?;
    Ok(())
}

fn empty_groups_change_their_kind(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 1)?;
    let commit = json!({"groupId": group, "generationIdOrMemberEpoch": -1, "memberId": "",
        "topics": [{"name": a, "partitions": [{"partitionIndex": 0, "committedOffset": 3, "committedMetadata": ""}]}]});
    cx.call("OffsetCommit", 9, commit)?;
    let mut m = Streams::new(&group, "m");
    m.join(cx, &reads(&[&a]))?;
    m.own(cx)?;
    let fetch = json!({"groups": [{"groupId": group, "memberId": "m", "memberEpoch": m.epoch,
        "topics": [{"name": a, "partitionIndexes": [0]}]}], "requireStable": false});
    cx.call("OffsetFetch", 9, fetch)?;
    m.leave(cx, -1)?;
    cx.note("of another kind");
    Consumer::new(&group, "n").join(cx, &[&a])?;
    let join = json!({"groupId": group, "sessionTimeoutMs": 10_000, "rebalanceTimeoutMs": 10_000, "memberId": "x",
        "protocolType": "consumer", "protocols": [{"name": "range", "metadata": ""}]});
    cx.call("JoinGroup", 9, join)?;
    Ok(())
}

fn topology_descriptions(cx: &mut Context) -> Result<()> {
    let group = cx.group("g")?;
    let update = |group: &str, member: &str| -> Value {
        json!({"groupId": group, "memberId": member, "topologyEpoch": 0,
            "topologyDescription": {"subtopologies": [], "globalStores": []}})
    };
    cx.call(
        "StreamsGroupTopologyDescriptionUpdate",
        0,
        update(&group, "m"),
    )?;
    cx.call("StreamsGroupTopologyDescriptionUpdate", 0, update("", ""))?;
    Ok(())
}

fn classic_requests(cx: &mut Context) -> Result<()> {
    cx.labels.own_topics_only = true;
    let group = cx.group("g")?;
    let a = cx.create_topic_for_consumers("a", 1)?;
    Streams::new(&group, "m").join(cx, &reads(&[&a]))?;
    let join = json!({"groupId": group, "sessionTimeoutMs": 10_000, "rebalanceTimeoutMs": 10_000, "memberId": "",
        "protocolType": "consumer", "protocols": [{"name": "range", "metadata": ""}]});
    cx.call("JoinGroup", 9, join)?;
    let sync = json!({"groupId": group, "generationId": 1, "memberId": "m", "assignments": []});
    cx.call("SyncGroup", 5, sync)?;
    cx.call(
        "Heartbeat",
        4,
        json!({"groupId": group, "generationId": 1, "memberId": "m"}),
    )?;
    cx.call(
        "LeaveGroup",
        5,
        json!({"groupId": group, "members": [{"memberId": "m"}]}),
    )?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": [group]}))?;
    cx.call(
        "ListGroups",
        5,
        json!({"statesFilter": [], "typesFilter": ["streams"]}),
    )?;
    cx.call(
        "ListGroups",
        5,
        json!({"statesFilter": ["stable"], "typesFilter": ["Streams"]}),
    )?;
    Streams::new(&group, "m").leave(cx, -1)?;
    cx.call("DeleteGroups", 2, json!({"groupsNames": [group]}))?;
    describe_streams(cx, &group)?;
    Ok(())
}
