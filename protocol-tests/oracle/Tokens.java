import java.io.File;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.sasl.SaslException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.internals.OAuthBearerSaslServer;
import org.apache.kafka.common.security.oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.OctetSequenceJsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.HmacKey;

/** What Kafka's own server of OAUTHBEARER makes of tokens: see fixtures/oauth. */
public class Tokens {
    static final long NOW = System.currentTimeMillis() / 1000;
    static final Map<String, JsonWebKey> KEYS = new HashMap<>();
    static File jwks;

    public static void main(String[] args) throws Exception {
        for (String id : List.of("rsa", "rsa-short", "other")) KEYS.put(id, rsa(id, id.equals("rsa-short") ? 1024 : 2048));
        for (String curve : List.of("secp256r1", "secp384r1", "secp521r1")) KEYS.put(curve, ec(curve));
        KEYS.put("oct", oct("oct", 64));
        KEYS.put("oct-short", oct("oct-short", 16));
        List<String> shown = new ArrayList<>();
        for (String id : List.of("rsa", "rsa-short", "secp256r1", "secp384r1", "secp521r1", "oct", "oct-short"))
            shown.add(KEYS.get(id).toJson(id.startsWith("oct") ? JsonWebKey.OutputControlLevel.INCLUDE_SYMMETRIC
                : JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
        String enc = shown.get(0).replace("\"kid\":\"rsa\"", "\"kid\":\"enc\",\"use\":\"enc\"");
        String set = "{\"keys\":[" + String.join(",", shown) + "," + enc + ",{\"kty\":\"what\"}]}";
        jwks = File.createTempFile("jwks", ".json");
        Files.writeString(jwks.toPath(), set);
        System.setProperty("org.apache.kafka.sasl.oauthbearer.allowed.urls", jwks.toURI().toString());
        System.setProperty("org.apache.kafka.sasl.oauthbearer.allowed.files", jwks.getPath());
        System.out.println("now " + NOW);
        System.out.println("jwks " + set);
        messages();
        unsecured();
        secured();
    }

    static void messages() throws Exception {
        String token = none("{\"sub\":\"alice\",\"exp\":" + (NOW + 100000) + "}");
        for (String form : List.of("n,,\1auth=Bearer %s\1\1", "n,a=alice,\1auth=bearer   %s\1\1", "n,a=bob,\1auth=Bearer %s\1\1",
                "n,,\1auth=Basic %s\1\1", "n,,\1auth=Bearer%s\1\1", "n,,\1auth=Be-arer %s\1\1", "n,,\1\1", "n,,\1", "", "\1",
                "y,,\1auth=Bearer %s\1\1", "n,b=c,\1auth=Bearer %s\1\1", "n,a=,\1auth=Bearer %s\1\1", "n,a==2C=3D,\1auth=Bearer %s\1\1",
                "n,a==2c,\1auth=Bearer %s\1\1", "n,,\1auth=Bearer %s\1a=b=c \t\1d=e\1\1", "n,,\1auth=Bearer %s\1a1=b\1\1",
                "n,,\1auth=Bearer %s\1a=\1\1", "n,,\1auth=Bearer %s\1", "n,,\1auth=Bearer %s\1\1\1", "n,,auth=Bearer %s\1\1",
                "n,,\1auth=Bearer x\1auth=Bearer %s\1\1", "n,,\1auth=Bearer %s==\1\1", "n,,\1auth=Bearer %s\1x=\u00e9\1\1"))
            say("unsecured", form.replace("%s", token));
    }

    static void unsecured() throws Exception {
        String in = ",\"exp\":" + (NOW + 100000);
        for (String claims : List.of("{\"sub\":\"a\"" + in + "}", "{\"sub\":\"a\"" + in + ",\"iat\":" + (NOW - 9) + "}", "{\"sub\":null" + in + "}",
                "{\"sub\":true" + in + "}", "{\"sub\":1" + in + "}", "{\"sub\":\" \"" + in + "}", "{\"sub\":{}" + in + "}", "{\"sub\":[\"a\"]" + in + "}",
                "{\"sub\":\"a\"}", "{\"sub\":\"a\",\"exp\":\"" + (NOW + 100000) + "\"}", "{\"sub\":\"a\",\"exp\":" + (NOW - 100000) + "}",
                "{\"sub\":\"a\"" + in + ",\"iat\":" + (NOW + 50000) + "}", "{\"sub\":\"a\"" + in + ",\"iat\":\"1\"}", "{\"sub\":\"a\",\"exp\":4e9}",
                "{\"sub\":\"a\",\"exp\":4000000000.0015}", "{\"sub\":\"a\",\"exp\":1e300}", "{\"sub\":\"a\"" + in + ",\"scope\":1}",
                "{\"sub\":\"a\"" + in + ",\"scope\":[1,null]}", "{\"sub\":\"a\"" + in + ",\"scope\":{}}", "{\"sub\":\"a\",\"sub\":\"b\"" + in + "}",
                "{\"sub\":\"a\"" + in + "} x", "[]", "1", "", "{"))
            say("unsecured", message(none(claims)));
        String good = "{\"sub\":\"a\"" + in + "}";
        for (String header : List.of("{}", "[]", "", "1", "{", "{\"alg\":\"NONE\"}", "{\"alg\":null}", "{\"alg\":\"RS256\"}", "{\"alg\":[\"none\"]}"))
            say("unsecured", message(part(header) + "." + part(good) + "."));
        String h = part("{\"alg\":\"none\"}");
        for (String token : List.of("a", "a.", ".", "a.b", "a..", h + "." + part(good), h + "." + part(good) + ".x", h + "." + part(good) + "..", "." + part(good) + ".",
                h + ".~~~~.", h + ".e.", h + "." + part(good) + "=.", h + "." + part(good) + ".."))
            say("unsecured", message(token));
        for (String scope : List.of("\"a b\"", "\"a\"", "[\"b\",\" a \"]", "[\"b\"]", "\"\""))
            say("scoped", message(none("{\"sub\":\"x\"" + in + ",\"scope\":" + scope + "}")));
    }

    static void secured() throws Exception {
        String good = claims(Map.of());
        for (String[] how : new String[][] {{"rsa", "RS256"}, {"rsa", "RS384"}, {"rsa", "RS512"}, {"rsa", "PS256"}, {"rsa", "PS384"}, {"rsa", "PS512"},
                {"secp256r1", "ES256"}, {"secp384r1", "ES384"}, {"secp521r1", "ES512"}, {"oct", "HS256"}, {"oct", "HS384"}, {"oct", "HS512"},
                {"oct-short", "HS256"}, {"rsa-short", "RS256"}, {"other", "RS256"}})
            say("secured", message(signed(how[0], how[1], how[0], good, Map.of())));
        say("secured", message(signed("rsa", "RS256", null, good, Map.of())));
        say("secured", message(signed("secp384r1", "ES384", null, good, Map.of())));
        say("secured", message(signed("other", "RS256", "rsa", good, Map.of())));
        say("secured", message(signed("rsa", "RS256", "enc", good, Map.of())));
        say("secured", message(signed("rsa", "RS256", "oct", good, Map.of())));
        for (Map<String, Object> header : List.<Map<String, Object>>of(Map.of("typ", "at+jwt"), Map.of("crit", List.of("x"), "x", 1), Map.of("cty", "JWT"), Map.of("x5t", "abc")))
            say("secured", message(signed("rsa", "RS256", "rsa", good, header)));
        String token = signed("rsa", "RS256", "rsa", good, Map.of());
        for (String bent : List.of(none(good), token + ".", token + "x", token.substring(0, token.length() - 4), token.replaceFirst("\\.", "..") , token.substring(1),
                token.substring(0, token.lastIndexOf('.') + 1), token.replaceFirst("\\.", "~."), token + "=="))
            say("secured", message(bent));
        Map<String, Object> nothing = new HashMap<>();
        for (String name : List.of("sub", "iss", "aud", "exp", "iat", "nbf", "jti", "scope")) {
            for (Object value : new Object[] {null, "", " ", "x", 1, -1, 1.5, true, List.of(), List.of("a"), List.of("a", "a"), List.of(1), Map.of(), NOW - 10, NOW + 50000,
                    NOW - 100000, NOW + 200000, "a b", List.of("me", "x"), new BigInteger("99999999999999999999")}) {
                Map<String, Object> changed = new HashMap<>();
                changed.put(name, value);
                say("secured", message(signed("rsa", "RS256", "rsa", claims(changed), Map.of())));
            }
        }
        say("secured", message(signed("rsa", "RS256", "rsa", "[]", Map.of())));
        say("secured", message(signed("rsa", "RS256", "rsa", good + " x", Map.of())));
        say("secured", message(signed("rsa", "RS256", "rsa", good.replace("{", "{\"sub\":\"b\","), Map.of())));
        say("secured", "n,a=alice,\1auth=Bearer " + token + "\1\1");
        say("secured", "n,a=bob,\1auth=Bearer " + token + "\1\1");
        say("anybody", message(signed("rsa", "RS256", "rsa", "{\"sub\":\"a\",\"iat\":1,\"exp\":" + (NOW + 100000) + "}", Map.of())));
        say("anybody", message(signed("rsa", "RS256", "rsa", "{\"sub\":\"a\",\"iat\":1,\"iss\":1,\"exp\":" + (NOW + 100000) + "}", Map.of())));
        say("anybody", message(signed("rsa", "RS256", "rsa", "{\"sub\":\"a\",\"iat\":1,\"aud\":1,\"exp\":" + (NOW + 100000) + "}", Map.of())));
    }

    static String claims(Map<String, Object> changed) throws Exception {
        Map<String, Object> all = new java.util.TreeMap<>(Map.of("sub", "alice", "iss", "issuer", "aud", "me", "iat", NOW - 10, "exp", NOW + 100000));
        changed.forEach((name, value) -> { if (value == null) all.remove(name); else all.put(name, value); });
        return org.jose4j.json.JsonUtil.toJson(all);
    }

    static String none(String claims) { return part("{\"alg\":\"none\"}") + "." + part(claims) + "."; }
    static String part(String text) { return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8)); }
    static String message(String token) { return "n,,\1auth=Bearer " + token + "\1\1"; }

    static String signed(String key, String algorithm, String id, String claims, Map<String, Object> header) throws Exception {
        JsonWebSignature jws = new JsonWebSignature();
        jws.setPayload(claims);
        jws.setAlgorithmHeaderValue(algorithm);
        if (id != null) jws.setKeyIdHeaderValue(id);
        header.forEach((name, value) -> jws.setHeader(name, value));
        JsonWebKey jwk = KEYS.get(key);
        jws.setKey(jwk instanceof PublicJsonWebKey ? ((PublicJsonWebKey) jwk).getPrivateKey() : jwk.getKey());
        jws.setDoKeyValidation(false);
        return jws.getCompactSerialization();
    }

    static JsonWebKey rsa(String id, int bits) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        return of(generator.generateKeyPair(), id);
    }
    static JsonWebKey ec(String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return of(generator.generateKeyPair(), curve);
    }
    static JsonWebKey of(KeyPair pair, String id) throws Exception {
        PublicJsonWebKey jwk = PublicJsonWebKey.Factory.newPublicJwk(pair.getPublic());
        jwk.setPrivateKey(pair.getPrivate());
        jwk.setKeyId(id);
        return jwk;
    }
    static JsonWebKey oct(String id, int bytes) {
        byte[] key = new byte[bytes];
        java.util.Arrays.fill(key, (byte) 7);
        JsonWebKey jwk = new OctetSequenceJsonWebKey(new HmacKey(key));
        jwk.setKeyId(id);
        return jwk;
    }

    static final Map<String, AuthenticateCallbackHandler> HANDLERS = new HashMap<>();

    static AuthenticateCallbackHandler handler(String rules) {
        return HANDLERS.computeIfAbsent(rules, name -> {
            boolean isSecured = name.equals("secured") || name.equals("anybody");
            AuthenticateCallbackHandler handler = isSecured ? new OAuthBearerValidatorCallbackHandler() : new OAuthBearerUnsecuredValidatorCallbackHandler();
            Map<String, Object> options = name.equals("scoped") ? Map.of("unsecuredValidatorRequiredScope", "a b") : Map.of();
            var entry = new AppConfigurationEntry("org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule",
                AppConfigurationEntry.LoginModuleControlFlag.REQUIRED, options);
            Map<String, Object> configs = new HashMap<>();
            if (isSecured) {
                configs.put("sasl.oauthbearer.jwt.validator.class", "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator");
                configs.put("sasl.oauthbearer.jwks.endpoint.url", jwks.toURI().toString());
                configs.put("sasl.oauthbearer.clock.skew.seconds", 30);
                configs.put("sasl.oauthbearer.scope.claim.name", "scope");
                configs.put("sasl.oauthbearer.sub.claim.name", "sub");
                boolean any = name.equals("anybody");
                configs.put("sasl.oauthbearer.expected.audience", any ? List.of() : List.of("me", "us"));
                if (!any) configs.put("sasl.oauthbearer.expected.issuer", "issuer");
                configs.put("sasl.oauthbearer.allow.unverified.audience", any);
                configs.put("sasl.oauthbearer.allow.unverified.issuer", any);
            }
            handler.configure(configs, "OAUTHBEARER", List.of(entry));
            return handler;
        });
    }

    /** The rules, the message in base 64, and what comes of it, then of the client's answer to a refusal. */
    static void say(String rules, String message) {
        OAuthBearerSaslServer server = new OAuthBearerSaslServer(handler(rules));
        byte[] sent = message.getBytes(StandardCharsets.UTF_8);
        String came = take(server, sent);
        if (came.startsWith("told ")) came += " then " + take(server, new byte[] {1});
        System.out.println(rules + " " + (sent.length == 0 ? "-" : Base64.getEncoder().encodeToString(sent)) + " -> " + came);
    }

    static String take(OAuthBearerSaslServer server, byte[] sent) {
        try {
            byte[] answer = server.evaluateResponse(sent);
            if (!server.isComplete()) return "told " + new String(answer, StandardCharsets.UTF_8);
            return "ok " + server.getNegotiatedProperty("CREDENTIAL.LIFETIME.MS") + " " + server.getAuthorizationID();
        } catch (SaslAuthenticationException e) {
            return "said " + e.getMessage();
        } catch (SaslException e) {
            return "hidden " + e.getMessage();
        } catch (RuntimeException e) {
            return "broken " + e.getClass().getSimpleName();
        }
    }
}
