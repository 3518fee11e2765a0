package io.policylog.sinks.kafka;

import io.policylog.sinks.SinkException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replaces {@code ${file:/path}} in a property by what is in the file, each time a connection is made, so that a changed
 * secret is taken up. What was read is held by the Kafka client alone, and never logged.
 */
final class SecretFiles {
    /** The longest file that is read: a certificate chain fits, a device file does no harm. */
    static final int MAX_BYTES = 256 * 1024;

    private static final Pattern REFERENCE = Pattern.compile("\\$\\{file:([^}]*)}");

    private SecretFiles() {}

    static boolean mentionedIn(String value) {
        return REFERENCE.matcher(value).find();
    }

    /**
     * @param key the property, which tells how its value must be quoted
     * @throws SinkException of kind {@code IO}, naming the property and the file
     */
    static String resolve(String key, String value) throws SinkException {
        Matcher matcher = REFERENCE.matcher(value);
        StringBuilder resolved = new StringBuilder();
        int copied = 0;
        while (matcher.find()) {
            String secret = read(key, matcher.group(1));
            resolved.append(value, copied, matcher.start())
                    .append(key.endsWith("sasl.jaas.config") ? quoted(secret) : secret);
            copied = matcher.end();
        }
        return resolved.append(value, copied, value.length()).toString();
    }

    private static String read(String key, String path) throws SinkException {
        try (InputStream in = Files.newInputStream(Path.of(path))) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw unusable(key, path, "is longer than " + MAX_BYTES + " bytes", null);
            }
            return new String(bytes, StandardCharsets.UTF_8).stripTrailing();
        } catch (IOException | IllegalArgumentException e) {
            throw unusable(key, path, "can't be read: " + e, e);
        }
    }

    /**
     * A JAAS value stands in double quotes, in which a backslash escapes. A line end would end it, and the rest would be
     * taken for a key, which the client's messages name.
     */
    private static String quoted(String secret) {
        return secret.replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }

    private static SinkException unusable(String key, String path, String what, @Nullable Exception cause) {
        String message = "the file \"" + path + "\" in properties." + key + " " + what;
        return cause == null
                ? new SinkException(SinkException.Kind.IO, true, message)
                : new SinkException(SinkException.Kind.IO, true, message, cause);
    }
}
