package io.policylog.agent.read;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.policylog.parser.ResourceLabels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A log entry as Cloud Logging exports it ({@code gcloud logging read --format=json}, a sink to a bucket): where in it the
 * record stands, and what it says besides. One object serves entry after entry.
 */
final class LogEntry implements Origin {
    private static final String LOG_NAME_PREFIX = "projects/";

    private final JsonFactory factory = new JsonFactory();

    private byte[] payload = {};
    private int payloadStart;
    private int payloadEnd;
    private boolean payloadHasTime;
    private @Nullable String timestamp;
    private @Nullable String insertId;
    private @Nullable Instant received;
    private @Nullable String logName;
    private @Nullable String project;
    private @Nullable String location;
    private @Nullable String cluster;
    private @Nullable String node;

    /** Reads an entry; false if it is none with a payload. */
    boolean read(byte[] bytes, int start, int end) {
        payload = bytes;
        payloadStart = -1;
        payloadHasTime = false;
        timestamp = null;
        insertId = null;
        received = null;
        logName = null;
        project = null;
        location = null;
        cluster = null;
        node = null;
        try (JsonParser json = factory.createParser(bytes, start, end - start)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                member(json, start);
            }
        } catch (IOException e) {
            return false; // Broken JSON, for which the record's parser has a reason.
        }
        if (payloadStart >= 0 && !payloadHasTime && timestamp != null) {
            addTime(timestamp);
        }
        return payloadStart >= 0;
    }

    private void member(JsonParser json, int start) throws IOException {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (value == JsonToken.START_OBJECT && name.equals("jsonPayload")) {
            payloadStart = start + (int) json.currentTokenLocation().getByteOffset();
            skipPayload(json);
            payloadEnd = start + (int) json.currentLocation().getByteOffset();
        } else if (value == JsonToken.START_OBJECT && name.equals("resource")) {
            resource(json);
        } else if (value == JsonToken.VALUE_STRING) {
            switch (name) {
                case "timestamp" -> timestamp = json.getText();
                case "insertId" -> insertId = json.getText();
                case "receiveTimestamp" -> received = instant(json.getText());
                case "logName" -> logName = json.getText();
                default -> {}
            }
        } else {
            json.skipChildren();
        }
    }

    private void skipPayload(JsonParser json) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            payloadHasTime |= json.currentName().equals("timestamp");
            json.nextToken();
            json.skipChildren();
        }
    }

    private void resource(JsonParser json) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean labels = json.currentName().equals("labels");
            if (json.nextToken() != JsonToken.START_OBJECT || !labels) {
                json.skipChildren();
                continue;
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                if (json.nextToken() != JsonToken.VALUE_STRING) {
                    json.skipChildren();
                    continue;
                }
                switch (name) {
                    case "project_id" -> project = json.getText();
                    case "location" -> location = json.getText();
                    case "cluster_name" -> cluster = json.getText();
                    case "node_name" -> node = json.getText();
                    default -> {}
                }
            }
        }
    }

    private static @Nullable Instant instant(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** An agent that shipped the log may have moved the record's time to the entry. */
    private void addTime(String time) {
        // Of a text that is no time the record's parser says so; one that could end the string is none.
        String plain = time.indexOf('"') < 0 && time.indexOf('\\') < 0 ? time : "";
        byte[] member = (",\"timestamp\":\"" + plain + "\"}").getBytes(StandardCharsets.UTF_8);
        byte[] with = Arrays.copyOfRange(payload, payloadStart, payloadEnd - 1 + member.length);
        int at = payloadEnd - 1 - payloadStart;
        System.arraycopy(member, 0, with, at, member.length);
        payload = with;
        payloadStart = 0;
        payloadEnd = with.length;
    }

    /** Holds the record from {@link #payloadStart} to {@link #payloadEnd}. */
    byte[] payload() {
        return payload;
    }

    int payloadStart() {
        return payloadStart;
    }

    int payloadEnd() {
        return payloadEnd;
    }

    @Override
    public @Nullable String insertId() {
        return insertId;
    }

    @Override
    public @Nullable Instant receiveTimestamp() {
        return received;
    }

    @Override
    public ResourceLabels labels() {
        return new ResourceLabels(project == null ? projectOfLogName() : project, location, cluster, node);
    }

    private @Nullable String projectOfLogName() {
        if (logName == null || !logName.startsWith(LOG_NAME_PREFIX)) {
            return null;
        }
        int end = logName.indexOf('/', LOG_NAME_PREFIX.length());
        return end < 0 ? null : logName.substring(LOG_NAME_PREFIX.length(), end);
    }
}
