import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;

/** Prints what Kafka's classes know of errors: see fixtures/errors/README.md. */
public class ErrorAnswers {
    /** One that nobody expects, and one that answers say of all that is asked for. */
    private static final Errors[] ERRORS = {Errors.UNKNOWN_SERVER_ERROR, Errors.CLUSTER_AUTHORIZATION_FAILED};

    /** An API, and the classes of the clients that read its answers. */
    private static final String[][] READERS = {
        {"AddOffsetsToTxn", "producer.internals.TransactionManager$AddOffsetsToTxnHandler"},
        {"AddPartitionsToTxn", "producer.internals.TransactionManager$AddPartitionsToTxnHandler"},
        {"ConsumerGroupDescribe", "admin.internals.DescribeConsumerGroupsHandler"},
        {"ConsumerGroupHeartbeat", "consumer.internals.AbstractHeartbeatRequestManager", "consumer.internals.ConsumerHeartbeatRequestManager"},
        {"DeleteGroups", "admin.internals.DeleteGroupsHandler"},
        {"DescribeGroups", "admin.internals.DescribeClassicGroupsHandler"},
        {"DescribeProducers", "admin.internals.DescribeProducersHandler"},
        {"DescribeTransactions", "admin.internals.DescribeTransactionsHandler"},
        {"EndTxn", "producer.internals.TransactionManager$EndTxnHandler"},
        {"Fetch", "consumer.internals.FetchCollector", "FetchSessionHandler"},
        {"FindCoordinator", "producer.internals.TransactionManager$FindCoordinatorHandler", "consumer.internals.AbstractCoordinator$FindCoordinatorResponseHandler", "consumer.internals.CoordinatorRequestManager", "admin.internals.CoordinatorStrategy"},
        {"Heartbeat", "consumer.internals.AbstractCoordinator$HeartbeatResponseHandler"},
        {"InitProducerId", "producer.internals.TransactionManager$InitProducerIdHandler", "admin.internals.FenceProducersHandler"},
        {"JoinGroup", "consumer.internals.AbstractCoordinator$JoinGroupResponseHandler"},
        {"LeaveGroup", "consumer.internals.AbstractCoordinator$LeaveGroupResponseHandler", "admin.internals.RemoveMembersFromConsumerGroupHandler"},
        {"ListOffsets", "consumer.internals.OffsetFetcherUtils", "admin.internals.ListOffsetsHandler"},
        {"ListTransactions", "admin.internals.ListTransactionsHandler"},
        {"Metadata", "Metadata", "consumer.internals.TopicMetadataFetcher", "admin.internals.PartitionLeaderStrategy", "admin.internals.AllBrokersStrategy"},
        {"OffsetCommit", "consumer.internals.ConsumerCoordinator$OffsetCommitResponseHandler", "consumer.internals.CommitRequestManager$OffsetCommitRequestState", "admin.internals.AlterConsumerGroupOffsetsHandler"},
        {"OffsetDelete", "admin.internals.DeleteConsumerGroupOffsetsHandler"},
        {"OffsetFetch", "consumer.internals.ConsumerCoordinator$OffsetFetchResponseHandler", "consumer.internals.CommitRequestManager$OffsetFetchRequestState", "admin.internals.ListConsumerGroupOffsetsHandler"},
        {"OffsetForLeaderEpoch", "consumer.internals.OffsetsForLeaderEpochUtils"},
        {"Produce", "producer.internals.Sender"},
        {"SyncGroup", "consumer.internals.AbstractCoordinator$SyncGroupResponseHandler"},
        {"TxnOffsetCommit", "producer.internals.TransactionManager$TxnOffsetCommitHandler"},
        {"WriteTxnMarkers", "admin.internals.AbortTransactionHandler"},
    };

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("texts")) {
            texts();
            return;
        }
        if (arguments[0].equals("clients")) {
            clients();
            return;
        }
        for (ApiKeys api : ApiKeys.values()) {
            if (!api.messageType.listeners().contains(ApiMessageType.ListenerType.BROKER)) {
                continue;
            }
            for (short version = api.oldestVersion(); version <= api.latestVersion(true); version++) {
                print(api, version);
            }
        }
    }

    /** What each error says when nobody says more. */
    private static void texts() {
        for (Errors error : Errors.values()) {
            String text = error == Errors.NONE ? "" : error.exception().getMessage();
            System.out.println(error.code() + " " + error + ": " + text);
        }
    }

    /** The errors that Kafka's own clients tell apart in the answers of an API: what the classes that read them name. */
    private static void clients() {
        for (String[] row : READERS) {
            TreeSet<String> named = new TreeSet<>();
            for (int i = 1; i < row.length; i++) {
                named.addAll(errorsNamedBy("org.apache.kafka.clients." + row[i]));
            }
            named.remove("NONE");
            System.out.println(row[0] + ": " + String.join(" ", named));
        }
    }

    /** The constants of Errors that a class and the tables of its switches read. */
    private static TreeSet<String> errorsNamedBy(String name) {
        TreeSet<String> named = new TreeSet<>();
        Pattern constant = Pattern.compile("Field org/apache/kafka/common/protocol/Errors\\.([A-Z_0-9]+):");
        for (String suffix : new String[] {"", "$1", "$2"}) {
            StringWriter listing = new StringWriter();
            PrintWriter out = new PrintWriter(listing);
            String path = System.getProperty("java.class.path");
            int failed = ToolProvider.findFirst("javap").get().run(out, out, "-p", "-c", "-cp", path, name + suffix);
            if (failed != 0 && suffix.isEmpty()) {
                throw new IllegalStateException(listing.toString());
            }
            Matcher found = constant.matcher(listing.toString());
            while (found.find()) {
                named.add(found.group(1));
            }
        }
        return named;
    }

    private static void print(ApiKeys api, short version) throws Exception {
        ByteBuffer body = sample(api, version);
        String request = Base64.getEncoder().encodeToString(body.array());
        System.out.println("== " + api.messageType.name + " v" + version + " " + request);
        for (Errors error : ERRORS) {
            ByteBufferAccessor bytes = new ByteBufferAccessor(body.duplicate());
            AbstractRequest parsed = AbstractRequest.parseRequest(api, version, bytes).request;
            System.out.println(error + " " + json(parsed.getErrorResponse(0, error.exception()), version));
        }
    }

    /** A request that names two of everything. */
    private static ByteBuffer sample(ApiKeys api, short version) {
        Struct struct = struct(api.messageType.requestSchemas()[version], 1);
        ByteBuffer buffer = ByteBuffer.allocate(struct.sizeOf());
        struct.writeTo(buffer);
        buffer.flip();
        return buffer;
    }

    private static Struct struct(Schema schema, int number) {
        Struct struct = new Struct(schema);
        for (BoundField field : schema.fields()) {
            struct.set(field, value(field.def.name, field.def.type, number));
        }
        return struct;
    }

    private static Object value(String name, Type type, int number) {
        if (type instanceof Schema) {
            return struct((Schema) type, number);
        }
        if (type.isArray()) {
            Type element = type.arrayElementType().get();
            return new Object[] {value(name, element, 1), value(name, element, 2)};
        }
        switch (type.toString()) {
            case "BOOLEAN": return false;
            case "INT8": return (byte) (name.equals("key_type") ? 0 : name.equals("resource_type") ? 2 : number);
            case "INT16": return (short) number;
            case "UINT16": return number;
            case "INT32": return number;
            case "UINT32": return (long) number;
            case "INT64": return (long) number;
            case "FLOAT64": return (double) number;
            case "UUID": return new Uuid(0, number);
            case "STRING": case "NULLABLE_STRING": case "COMPACT_STRING": case "COMPACT_NULLABLE_STRING":
                return number == 1 ? "a" : "b";
            case "BYTES": case "NULLABLE_BYTES": case "COMPACT_BYTES": case "COMPACT_NULLABLE_BYTES":
                return ByteBuffer.allocate(0);
            case "NULLABLE_RECORDS": case "COMPACT_NULLABLE_RECORDS": case "RECORDS": case "COMPACT_RECORDS": return MemoryRecords.EMPTY;
            default:
                if (type.toString().startsWith("TAGGED_FIELDS")) {
                    return new TreeMap<>();
                }
                throw new IllegalStateException("a field of type " + type);
        }
    }

    private static JsonNode json(AbstractResponse response, short version) throws Exception {
        ApiMessage data = response.data();
        Method write = Class.forName(data.getClass().getName() + "JsonConverter")
            .getMethod("write", data.getClass(), short.class);
        return (JsonNode) write.invoke(null, data, version);
    }
}
