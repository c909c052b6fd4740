package io.github.fauxka;

import io.github.fauxka.control.Control;
import io.github.fauxka.control.GetRecordsQuery;
import io.github.fauxka.control.NewRecord;
import io.github.fauxka.control.NewRecords;
import io.github.fauxka.control.NewTopic;
import io.github.fauxka.control.RecordPlace;
import io.github.fauxka.control.StoredRecord;
import io.github.fauxka.control.TopicView;
import java.util.Arrays;
import java.util.List;

/** Topics and their records. */
public final class Topics {
    private final Control control;

    Topics(Control control) {
        this.control = control;
    }

    /** All topics. */
    public List<TopicView> list() {
        return control.topics().listTopics();
    }

    /** A topic with its partitions. */
    public TopicView get(String name) {
        return control.topics().getTopic(name);
    }

    /** Creates a topic with so many partitions. */
    public TopicView create(String name, int partitions) {
        return create(NewTopic.builder().name(name).partitions(partitions));
    }

    /** Creates a topic, with settings if need be. */
    public TopicView create(NewTopic.Builder topic) {
        return control.topics().createTopic(topic.build());
    }

    /** Deletes a topic. */
    public void delete(String name) {
        control.topics().deleteTopic(name);
    }

    /** The records of all partitions, partition by partition. */
    public List<StoredRecord> records(String topic) {
        return get(topic).partitions().stream().flatMap(partition -> records(topic, partition.partition()).stream()).toList();
    }

    /** The records of a partition. */
    public List<StoredRecord> records(String topic, int partition) {
        return control.topics().getRecords(topic, partition, GetRecordsQuery.builder().max(Integer.MAX_VALUE).build()).records();
    }

    /** Writes records with these values. */
    public List<RecordPlace> produce(String topic, String... values) {
        return produce(topic, Arrays.stream(values).map(value -> NewRecord.builder().value(value).build()).toList());
    }

    /** Writes records. */
    public List<RecordPlace> produce(String topic, List<NewRecord> records) {
        return control.topics().produceRecords(topic, NewRecords.builder().records(records).build()).records();
    }
}
