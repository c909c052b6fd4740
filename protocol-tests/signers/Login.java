import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Logs in with Kafka's own client, produces one record and prints where it is. Arguments: `iam` (AWS's library, its mechanism)
 * or `iam-oauth` (AWS's library, OAUTHBEARER), the bootstrap servers, region, key id, secret and session token (empty for none); or `oidc`, the bootstrap
 * servers, token endpoint, client id and secret.
 */
public class Login {
    private static final String OAUTH = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;";

    public static void main(String[] args) throws Exception {
        var settings = new Properties();
        var kind = args[0];
        settings.put("bootstrap.servers", args[1]);
        settings.put("security.protocol", "SASL_PLAINTEXT");
        settings.put("delivery.timeout.ms", "20000");
        settings.put("request.timeout.ms", "10000");
        settings.put("max.block.ms", "20000");
        if (kind.startsWith("iam")) {
            System.setProperty("aws.accessKeyId", args[3]);
            System.setProperty("aws.secretAccessKey", args[4]);
            if (!args[5].isEmpty()) System.setProperty("aws.sessionToken", args[5]);
        }
        switch (kind) {
            case "iam" -> {
                settings.put("sasl.mechanism", "AWS_MSK_IAM");
                settings.put("sasl.jaas.config", "software.amazon.msk.auth.iam.IAMLoginModule required;");
                settings.put("sasl.client.callback.handler.class", "software.amazon.msk.auth.iam.IAMClientCallbackHandler");
            }
            case "iam-oauth" -> {
                settings.put("sasl.mechanism", "OAUTHBEARER");
                settings.put("sasl.jaas.config", OAUTH);
                var handler = "software.amazon.msk.auth.iam.IAMOAuthBearerLoginCallbackHandler";
                settings.put("sasl.login.callback.handler.class", handler);
                settings.put("sasl.client.callback.handler.class", handler);
            }
            default -> {
                System.setProperty("org.apache.kafka.sasl.oauthbearer.allowed.urls", args[2]);
                settings.put("sasl.mechanism", "OAUTHBEARER");
                settings.put("sasl.jaas.config", OAUTH);
                settings.put("sasl.login.callback.handler.class",
                        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler");
                settings.put("sasl.oauthbearer.token.endpoint.url", args[2]);
                settings.put("sasl.oauthbearer.client.credentials.client.id", args[3]);
                settings.put("sasl.oauthbearer.client.credentials.client.secret", args[4]);
            }
        }
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            var sent = producer.send(new ProducerRecord<>("logins", "java"));
            System.out.println(sent.get(30, TimeUnit.SECONDS).offset());
        }
    }
}
