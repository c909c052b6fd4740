import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.apache.kafka.tools.AclCommand;
import org.apache.kafka.tools.BrokerApiVersionsCommand;
import org.apache.kafka.tools.ClusterTool;
import org.apache.kafka.tools.ConsoleProducer;
import org.apache.kafka.tools.DelegationTokenCommand;
import org.apache.kafka.tools.DeleteRecordsCommand;
import org.apache.kafka.tools.FeatureCommand;
import org.apache.kafka.tools.GetOffsetShell;
import org.apache.kafka.tools.GroupsCommand;
import org.apache.kafka.tools.LeaderElectionCommand;
import org.apache.kafka.tools.LogDirsCommand;
import org.apache.kafka.tools.MetadataQuorumCommand;
import org.apache.kafka.tools.ProducerPerformance;
import org.apache.kafka.tools.TopicCommand;
import org.apache.kafka.tools.TransactionsCommand;
import org.apache.kafka.tools.consumer.ConsoleConsumer;
import org.apache.kafka.tools.consumer.ConsoleShareConsumer;
import org.apache.kafka.tools.consumer.group.ConsumerGroupCommand;
import org.apache.kafka.tools.consumer.group.ShareGroupCommand;
import org.apache.kafka.tools.reassign.ReassignPartitionsCommand;
import org.apache.kafka.tools.streams.StreamsGroupCommand;

/**
 * Runs the command-line tools that standard input names and answers on standard output, until the input ends.
 *
 * <p>In: the number of words, the words (tool, arguments), the tool's input. Out: exit status, all that it printed.
 * Numbers are four bytes, texts a length and UTF-8.
 */
public final class ToolsDriver {
    private static final Map<String, InProcess.Tool> TOOLS = Map.ofEntries(
        Map.entry("kafka-acls", AclCommand::main),
        Map.entry("kafka-broker-api-versions", BrokerApiVersionsCommand::main),
        Map.entry("kafka-cluster", ClusterTool::main),
        Map.entry("kafka-configs", kafka.admin.ConfigCommand::main),
        Map.entry("kafka-console-consumer", ConsoleConsumer::main),
        Map.entry("kafka-console-producer", ConsoleProducer::main),
        Map.entry("kafka-console-share-consumer", ConsoleShareConsumer::main),
        Map.entry("kafka-consumer-groups", ConsumerGroupCommand::main),
        Map.entry("kafka-delegation-tokens", DelegationTokenCommand::main),
        Map.entry("kafka-delete-records", DeleteRecordsCommand::main),
        Map.entry("kafka-features", FeatureCommand::main),
        Map.entry("kafka-get-offsets", GetOffsetShell::main),
        Map.entry("kafka-groups", GroupsCommand::main),
        Map.entry("kafka-leader-election", LeaderElectionCommand::main),
        Map.entry("kafka-log-dirs", LogDirsCommand::main),
        Map.entry("kafka-metadata-quorum", MetadataQuorumCommand::main),
        Map.entry("kafka-producer-perf-test", ProducerPerformance::main),
        Map.entry("kafka-reassign-partitions", ReassignPartitionsCommand::main),
        Map.entry("kafka-share-groups", ShareGroupCommand::main),
        Map.entry("kafka-streams-groups", StreamsGroupCommand::main),
        Map.entry("kafka-topics", TopicCommand::main),
        Map.entry("kafka-transactions", TransactionsCommand::main),
        // No tool, but what the tools of streams groups look at.
        Map.entry("word-count", WordCount::main));

    public static void main(String[] none) throws Exception {
        // A tool that stays is told to end by a signal.
        Runtime.getRuntime().addShutdownHook(new Thread(InProcess::runHooks));
        DataInputStream in = new DataInputStream(System.in);
        DataOutputStream out = new DataOutputStream(InProcess.STDOUT);
        while (true) {
            int count;
            try {
                count = in.readInt();
            } catch (EOFException end) {
                Runtime.getRuntime().halt(0);
                return;
            }
            String[] words = new String[count];
            for (int i = 0; i < count; i++) {
                words[i] = new String(text(in), StandardCharsets.UTF_8);
            }
            byte[] input = text(in);
            ByteArrayOutputStream printed = new ByteArrayOutputStream();
            PrintStream both = new PrintStream(printed, true, StandardCharsets.UTF_8);
            String[] arguments = Arrays.copyOfRange(words, 1, count);
            int status = InProcess.run(TOOLS.get(words[0]), input, both, both, arguments);
            both.flush();
            out.writeInt(status);
            out.writeInt(printed.size());
            printed.writeTo(out);
            out.flush();
        }
    }

    private static byte[] text(DataInputStream in) throws Exception {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return bytes;
    }
}
