import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerTokenCallback;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.msk.auth.iam.IAMOAuthBearerLoginCallbackHandler;
import software.amazon.msk.auth.iam.internals.AWS4SignedPayloadGenerator;
import software.amazon.msk.auth.iam.internals.AuthenticationRequestParams;
import software.amazon.msk.auth.iam.internals.UserAgentUtils;

/** What AWS's library for the JVM sends: arguments are its name, key id, secret, session token, hosts. */
public class Sign {
    public static void main(String[] args) throws Exception {
        AwsCredentials[] all = {
            AwsBasicCredentials.create(args[1], args[2]), AwsSessionCredentials.create(args[1], args[2], args[3])};
        for (AwsCredentials credentials : all) {
            for (int i = 4; i < args.length; i++) {
                var request = AuthenticationRequestParams.create(args[i], credentials, UserAgentUtils.getUserAgentValue());
                byte[] payload = new AWS4SignedPayloadGenerator().signedPayload(request);
                System.out.println(args[0] + " AWS_MSK_IAM " + new String(payload, StandardCharsets.UTF_8));
            }
        }
        System.setProperty("aws.accessKeyId", args[1]);
        System.setProperty("aws.secretAccessKey", args[2]);
        for (String session : new String[] {null, args[3]}) {
            if (session != null) System.setProperty("aws.sessionToken", session);
            var handler = new IAMOAuthBearerLoginCallbackHandler();
            var module = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";
            var entry = new AppConfigurationEntry(module, AppConfigurationEntry.LoginModuleControlFlag.REQUIRED, Map.of());
            handler.configure(Map.of(), "OAUTHBEARER", List.of(entry));
            var callback = new OAuthBearerTokenCallback();
            handler.handle(new Callback[] {callback});
            System.out.println(args[0] + " OAUTHBEARER " + callback.token().value());
        }
    }
}
