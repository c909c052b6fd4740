package shop;

import static io.github.fauxka.Faults.on;
import static io.github.fauxka.Faults.onAnyRequest;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.fauxka.ExpectationError;
import io.github.fauxka.Fauxka;
import io.github.fauxka.control.Acl;
import io.github.fauxka.control.Action;
import io.github.fauxka.control.Api;
import io.github.fauxka.control.ByteAction;
import io.github.fauxka.control.ControlException;
import io.github.fauxka.control.Cut;
import io.github.fauxka.control.Data;
import io.github.fauxka.control.Delay;
import io.github.fauxka.control.ErrorCode;
import io.github.fauxka.control.Expected;
import io.github.fauxka.control.FaultState;
import io.github.fauxka.control.Kind;
import io.github.fauxka.control.ListAclsQuery;
import io.github.fauxka.control.NewHeader;
import io.github.fauxka.control.NewRecord;
import io.github.fauxka.control.NewTopic;
import io.github.fauxka.control.Operation;
import io.github.fauxka.control.RequestRow;
import io.github.fauxka.control.ResourceType;
import io.github.fauxka.control.Rule;
import io.github.fauxka.control.Towards;
import io.github.fauxka.junit5.FauxkaCluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** What the control port takes and gives, typed. */
@FauxkaCluster(topics = "orders:2", manualClock = true, seed = 7)
class ControlTest {
    @Test
    void everyActionIsSentAndReadBack(Fauxka cluster) {
        var delay = Delay.of(Duration.ofMillis(1500), Duration.ofMillis(500));
        for (Action action : List.of(Action.error(ErrorCode.NOT_LEADER_OR_FOLLOWER), Action.delay(delay), Action.throttle(Duration.ofSeconds(2)),
                Action.hold(), Action.swallow(), Action.disconnect(), Action.pass(), Action.edit(Map.of("throttleTimeMs", 3)))) {
            Rule rule = cluster.fault(on(Api.PRODUCE).after(action)).view().rule();
            assertEquals(List.of(Api.PRODUCE), rule.api());
            assertEquals(action.tag(), rule.afterApply().get(0).tag());
        }
        for (ByteAction action : List.of(ByteAction.latency(delay), ByteAction.bandwidth(1000L), ByteAction.slice(7, Duration.ofMillis(1)),
                ByteAction.corrupt(40L), ByteAction.cut(6, Cut.RESET), ByteAction.silence())) {
            Rule rule = cluster.fault(onAnyRequest().node(9).to(Towards.CLIENT).bytes(action)).view().rule();
            assertEquals(action.tag(), rule.bytes().tag());
        }
        var refusing = cluster.fault(onAnyRequest().node(9).bytes(ByteAction.refuse()));
        assertEquals(ByteAction.refuse(), refusing.view().rule().bytes());
        cluster.healFaults();
        assertEquals(List.of(), cluster.faults());
    }

    @Test
    void aListHasOneActionPerHit(Fauxka cluster) {
        var rule = cluster.fault(on(Api.PRODUCE).before(Action.error(ErrorCode.NOT_LEADER_OR_FOLLOWER), Action.pass()).expect(Expected.between(0, 2)));
        assertEquals(2, rule.view().rule().beforeApply().size());
        assertEquals(new Expected(0, 2L), rule.view().rule().expect());
        assertEquals(ErrorCode.NOT_LEADER_OR_FOLLOWER, rule.view().rule().beforeApply().get(0).value());
        rule.remove();
    }

    @Test
    void aRuleIsAwaitedAndReleased(Fauxka cluster) {
        var rule = cluster.fault(on(Api.PRODUCE).observe(true).expect(1));
        assertThrows(ExpectationError.class, () -> rule.await(1, Duration.ofMillis(1)));
        try (var producer = new KafkaProducer<>(cluster.settings(), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("orders", "order-1"));
        }
        assertEquals(1, rule.await().hits());
        assertEquals(1, rule.matches());
        assertEquals(FaultState.ENDED, rule.release().state());
    }

    @Test
    void recordsAreTextOrBytes(Fauxka cluster) {
        byte[] bytes = {(byte) 0xff, 0, 1};
        cluster.topics().produce("orders", List.of(NewRecord.builder().partition(1).key("k").value(bytes)
                .headers(new NewHeader("h", Data.text("ü"))).build()));
        var record = cluster.records("orders").get(0);
        assertEquals("k", record.key().text());
        assertArrayEquals(bytes, record.value().bytes());
        assertEquals("ü", record.headers().get(0).value().text());
        assertEquals(0, cluster.records("orders", 0).size());
    }

    @Test
    void theJournalIsExpected(Fauxka cluster) {
        cluster.topics().produce("orders", "order-1");
        var row = (RequestRow) cluster.journal().expect(Api.PRODUCE, 1).get(0);
        assertEquals("orders", row.topics().get(0).topic());
        assertEquals(1, cluster.journal().rows(conditions -> conditions.kind("topic_created")).size());
        assertEquals(1, cluster.journal().await(1, Duration.ofSeconds(5), conditions -> conditions.api(Api.PRODUCE)).size());
        var none = assertThrows(ExpectationError.class, () -> cluster.journal().expect(1, conditions -> conditions.api(Api.FETCH).timeout("1ms")));
        assertEquals("1 or more rows expected of api=Fetch, and 0 found", none.getMessage());
        cluster.topics().produce("orders", "order-2");
        assertTrue(assertThrows(ExpectationError.class, () -> cluster.journal().expect(Api.PRODUCE, 1)).getMessage().startsWith("1 rows expected, and 2 found:"));
        cluster.journal().clear();
        assertEquals(List.of(), cluster.journal().rows());
    }

    @Test
    void theClockMoves(Fauxka cluster) {
        long before = cluster.clock().view().elapsedMs();
        assertEquals(before + 45_000, cluster.clock().advance("45s").elapsedMs());
        assertEquals(before + 46_500, cluster.clock().advance(Duration.ofMillis(1500)).elapsedMs());
        assertEquals("manual", cluster.clock().view().clock());
    }

    @Test
    void nodesStopAndStart(Fauxka cluster) {
        assertEquals(2, cluster.nodes().add().id());
        cluster.nodes().stop(2);
        assertEquals(1, cluster.control().cluster().getCluster().nodes().stream().filter(node -> node.up()).count());
        cluster.nodes().start(2);
        cluster.nodes().pause(2);
        cluster.nodes().resume(2);
        cluster.nodes().remove(2);
        assertEquals(1, cluster.control().cluster().getCluster().nodes().size());
    }

    @Test
    void aSnapshotIsRestored(Fauxka cluster) {
        cluster.topics().produce("orders", "order-1");
        cluster.snapshots().take("one");
        cluster.topics().produce("orders", "order-2");
        cluster.snapshots().restore("one");
        assertEquals(1, cluster.records("orders").size());
        cluster.reset(Kind.TOPICS);
        assertEquals(0, cluster.records("orders").size());
        assertEquals("one", cluster.snapshots().list().get(0).name());
        cluster.snapshots().forget("one");
    }

    @Test
    void groupsAndTransactionsAreListed(Fauxka cluster) {
        cluster.groups().commit("billing", "orders", 0, 0);
        assertEquals(0, cluster.groups().get("billing").offsets().get(0).offset());
        assertEquals(1, cluster.groups().list().size());
        assertEquals(404, assertThrows(ControlException.class, () -> cluster.groups().evict("billing", "worker-1")).status());
        assertThrows(ControlException.class, () -> cluster.groups().rebalance("billing"));
        assertEquals(List.of(), cluster.transactions().list());
        assertThrows(ControlException.class, () -> cluster.transactions().fence("none"));
        assertTrue(cluster.metrics().contains("# TYPE"), cluster.metrics());
    }

    @Test
    void aRefusalSaysWhatToDo(Fauxka cluster) {
        var error = assertThrows(ControlException.class, () -> cluster.topics().create(NewTopic.builder().name("orders")));
        assertEquals("TOPIC_ALREADY_EXISTS: Topic 'orders' already exists.", error.getMessage());
        assertEquals("TOPIC_ALREADY_EXISTS", error.kafka().name());
        assertEquals("POST /v1/topics", error.request());
        var missing = assertThrows(ControlException.class, () -> cluster.topics().get("a/ü"));
        assertEquals(404, missing.status());
        assertTrue(missing.getMessage().contains("a/ü"), missing.getMessage());
        assertEquals("name is missing", assertThrows(NullPointerException.class, () -> NewTopic.builder().build()).getMessage());
    }

    @Test
    @FauxkaCluster(config = "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer", arguments = {"--log", "info"})
    void everyOtherOperationIsTyped(Fauxka cluster) {
        var acl = Acl.builder().principal("User:bob").operation(Operation.READ).resourceType(ResourceType.TOPIC).resource("orders").build();
        cluster.control().acls().addAcl(acl);
        var found = cluster.control().acls().listAcls(ListAclsQuery.builder().principal("User:bob").operation(Operation.READ).build());
        assertEquals("orders", found.get(0).resource());
        assertTrue(cluster.log().contains("is ready"), cluster.log());
    }
}
