package io.policylog.agent.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.reader.ReaderException;

/**
 * Reads a YAML 1.1 document into values that know their places. Aliases and tags are refused, and so is
 * nesting deeper than {@link #MAX_DEPTH}: a configuration needs none of it, and without it a small text is a small tree.
 *
 * <p>Syntax errors are told without the text around them, which could hold a secret.
 */
final class YamlDocument {
    /** More than twice what the deepest key needs. */
    static final int MAX_DEPTH = 10;

    private static final YAMLFactory FACTORY = new YAMLFactory();

    private final String source;
    private final Problems problems;
    private final YAMLParser parser;

    private YamlDocument(String source, Problems problems, YAMLParser parser) {
        this.source = source;
        this.problems = problems;
        this.parser = parser;
    }

    /** The document in a text; empty when it could not be read as a whole, and then the reason is among the problems. */
    static Optional<YamlValue> read(String source, String text, Problems problems) {
        int before = problems.count();
        try (YAMLParser parser = FACTORY.createParser(text)) {
            YamlDocument document = new YamlDocument(source, problems, parser);
            JsonToken first = parser.nextToken();
            if (first == null) {
                return Optional.of(new YamlValue.Nothing(Place.of(source)));
            }
            YamlValue value = document.value(first, 1);
            if (parser.nextToken() != null) {
                problems.add(document.here(), "", "a second document begins here; keep one");
            }
            return problems.count() == before ? Optional.of(value) : Optional.empty();
        } catch (StopReading e) {
            return Optional.empty();
        } catch (IOException e) {
            problems.add(place(source, text, e), "", "is not YAML: " + reason(e));
            return Optional.empty();
        }
    }

    /** Reading on would cost too much, or make no sense. */
    private static final class StopReading extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private YamlValue value(@Nullable JsonToken token, int depth) throws IOException {
        Place place = here();
        if (depth > MAX_DEPTH) {
            problems.add(place, "", "is nested deeper than " + MAX_DEPTH + " levels; no key is");
            throw new StopReading();
        }
        if (problems.count() > Problems.MAX) {
            throw new StopReading();
        }
        if (parser.isCurrentAlias()) {
            problems.add(place, "", "aliases (*name) are not supported; write the value out");
        }
        if (parser.getTypeId() != null) {
            problems.add(place, "", "tags (!name) are not supported; remove it");
        }
        if (token == JsonToken.START_OBJECT) {
            return mapping(place, depth);
        }
        if (token == JsonToken.START_ARRAY) {
            List<YamlValue> elements = new ArrayList<>();
            JsonToken next;
            while ((next = parser.nextToken()) != JsonToken.END_ARRAY) {
                elements.add(value(next, depth + 1));
            }
            return new YamlValue.Sequence(place, elements);
        }
        return token == JsonToken.VALUE_NULL
                ? new YamlValue.Nothing(place)
                : new YamlValue.Scalar(place, parser.getText());
    }

    private YamlValue mapping(Place place, int depth) throws IOException {
        LinkedHashMap<String, YamlValue.Entry> entries = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            Place keyPlace = here();
            String key = parser.currentName();
            YamlValue.Entry entry = new YamlValue.Entry(keyPlace, value(parser.nextToken(), depth + 1));
            YamlValue.@Nullable Entry first = entries.putIfAbsent(key, entry);
            if (first != null) {
                problems.add(
                        keyPlace,
                        "",
                        "the key " + Problems.quote(key) + " stands twice, first in line "
                                + first.place().line() + "; remove one of them");
            }
        }
        return new YamlValue.Mapping(place, entries);
    }

    private Place here() {
        JsonLocation location = parser.currentTokenLocation();
        return new Place(source, location.getLineNr(), location.getColumnNr());
    }

    private static Place place(String source, String text, IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
                return new Place(
                        source,
                        marked.getProblemMark().getLine() + 1,
                        marked.getProblemMark().getColumn() + 1);
            }
            if (cause instanceof ReaderException reader) {
                String before = text.substring(0, Math.min(reader.getPosition(), text.length()));
                return new Place(
                        source,
                        1 + (int) before.chars().filter(c -> c == '\n').count(),
                        before.length() - before.lastIndexOf('\n'));
            }
        }
        JsonLocation location = e instanceof JsonProcessingException json ? json.getLocation() : null;
        return location == null ? Place.of(source) : new Place(source, location.getLineNr(), location.getColumnNr());
    }

    private static String reason(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof MarkedYAMLException marked && marked.getProblem() != null) {
                return Problems.quote(marked.getProblem()).replace("\"", "");
            }
            if (cause instanceof ReaderException) {
                return "a control character, which YAML does not allow; remove it";
            }
        }
        return "what stands here can't be a key; use plain text";
    }
}
