import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Prints messages as Kafka encodes them, with nothing set and with everything set: see fixtures/encodings/README.md. */
public class Messages {
    private static final String CLIENTS = "org.apache.kafka.common.message.";
    private static final String GROUPS = "org.apache.kafka.coordinator.group.generated.";
    private static final String SHARES = "org.apache.kafka.coordinator.share.generated.";

    private static final List<String> APIS = List.of(
        "ShareFetch", "ShareAcknowledge", "WriteShareGroupState", "ReadShareGroupStateSummary", "StreamsGroupHeartbeat",
        "StreamsGroupDescribe", "DescribeShareGroupOffsets", "StreamsGroupTopologyDescriptionUpdate");
    private static final List<String> GROUP_VALUES = List.of(
        "ShareGroupMemberMetadata", "ShareGroupMetadata", "ShareGroupTargetAssignmentMetadata",
        "ShareGroupTargetAssignmentMember", "ShareGroupCurrentMemberAssignment", "ShareGroupStatePartitionMetadata",
        "StreamsGroupMetadata", "StreamsGroupMemberMetadata", "StreamsGroupTargetAssignmentMetadata",
        "StreamsGroupTargetAssignmentMember", "StreamsGroupCurrentMemberAssignment", "StreamsGroupTopology");

    /** Each value that is set is another one, so that two fields that change places are seen. */
    private static int next;

    public static void main(String[] arguments) throws Exception {
        for (String name : APIS) {
            print(name + "Request", CLIENTS + name + "RequestData");
            print(name + "Response", CLIENTS + name + "ResponseData");
        }
        for (String name : GROUP_VALUES) print(name + "Value", GROUPS + name + "Value");
        for (String name : List.of("ShareSnapshotValue", "ShareUpdateValue")) print(name, SHARES + name);
    }

    private static void print(String name, String type) throws Exception {
        Class<?> message = Class.forName(type);
        ApiMessage probe = (ApiMessage) message.getConstructor().newInstance();
        for (short version = probe.lowestSupportedVersion(); version <= probe.highestSupportedVersion(); version++) {
            next = 0;
            for (boolean all : new boolean[] {false, true}) {
                Object value = fill(message, version, all);
                ByteBuffer bytes = MessageUtil.toByteBufferAccessor((Message) value, version).buffer();
                byte[] copy = new byte[bytes.remaining()];
                bytes.get(copy);
                System.out.println(name + " " + version + " " + (all ? "full" : "initial") + " " + HexFormat.of().formatHex(copy));
            }
        }
    }

    private static Object fill(Class<?> type, short version, boolean all) throws Exception {
        Object value = type.getConstructor().newInstance();
        Schema schema = ((Schema[]) type.getField("SCHEMAS").get(null))[version];
        for (Field field : type.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) || !isIn(schema, snake(field.getName()))) continue;
            field.setAccessible(true);
            if (all || field.getName().equals("records")) field.set(value, value(field.getGenericType(), version, field.get(value)));
        }
        return value;
    }

    @SuppressWarnings("unchecked")
    private static Object value(Type type, short version, Object before) throws Exception {
        if (type instanceof ParameterizedType list) return elements(list.getActualTypeArguments()[0], version);
        if (before instanceof Collection<?> keyed) {
            ParameterizedType parent = (ParameterizedType) keyed.getClass().getGenericSuperclass();
            ((Collection<Object>) keyed).addAll(elements(parent.getActualTypeArguments()[0], version));
            return keyed;
        }
        int number = ++next;
        return switch (((Class<?>) type).getSimpleName()) {
            case "boolean" -> true;
            case "byte", "Byte" -> (byte) (number % 100 + 1);
            case "short", "Short" -> (short) number;
            case "int", "Integer" -> number * 65_537;
            case "long", "Long" -> number * 1_000_000_007L;
            case "String" -> "text-" + number;
            case "Uuid" -> new Uuid(number, -number);
            case "BaseRecords" -> MemoryRecords.readableRecords(ByteBuffer.wrap(("records-" + number).getBytes()));
            default -> fill((Class<?>) type, version, true);
        };
    }

    private static List<Object> elements(Type type, short version) throws Exception {
        return new java.util.ArrayList<>(List.of(value(type, version, null), value(type, version, null)));
    }

    private static boolean isIn(Schema schema, String name) {
        if (schema.get(name) != null) return true;
        if (schema.get("_tagged_fields") == null) return false;
        var tagged = ((TaggedFields) schema.get("_tagged_fields").def.type).fields().values();
        return tagged.stream().anyMatch(field -> field.name.equals(name));
    }

    private static String snake(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase();
    }
}
