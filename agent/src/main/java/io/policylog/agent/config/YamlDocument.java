package io.policylog.agent.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.Event.ID;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Reads a YAML 1.1 document into values that know their places. Aliases and tags are refused, and so is
 * nesting deeper than {@link #MAX_DEPTH}: a configuration needs none of it, and without it a small text is a small tree.
 *
 * <p>Syntax errors are told without the text around them, which could hold a secret.
 */
final class YamlDocument {
    /** More than twice what the deepest key needs. */
    static final int MAX_DEPTH = 10;

    /** What a plain scalar means nothing with (YAML 1.1, type null). */
    private static final Set<String> NOTHING = Set.of("", "~", "null", "Null", "NULL");

    private final String source;
    private final Problems problems;
    private final ParserImpl parser;

    private YamlDocument(String source, Problems problems, ParserImpl parser) {
        this.source = source;
        this.problems = problems;
        this.parser = parser;
    }

    /** The document in a text; empty when it could not be read as a whole, and then the reason is among the problems. */
    static Optional<YamlValue> read(String source, String text, Problems problems) {
        int before = problems.count();
        ParserImpl parser = new ParserImpl(new StreamReader(text), new LoaderOptions());
        YamlDocument document = new YamlDocument(source, problems, parser);
        try {
            parser.getEvent();
            if (parser.checkEvent(ID.StreamEnd)) {
                return Optional.of(new YamlValue.Nothing(Place.of(source)));
            }
            parser.getEvent();
            YamlValue value = document.value(1);
            parser.getEvent();
            if (!parser.checkEvent(ID.StreamEnd)) {
                parser.getEvent();
                problems.add(document.place(parser.peekEvent()), "", "a second document begins here; keep one");
            }
            return problems.count() == before ? Optional.of(value) : Optional.empty();
        } catch (StopReading e) {
            return Optional.empty();
        } catch (YAMLException e) {
            problems.add(place(source, text, e), "", "is not YAML: " + reason(e));
            return Optional.empty();
        }
    }

    /** Reading on would cost too much, or make no sense. */
    private static final class StopReading extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private YamlValue value(int depth) throws StopReading {
        Event event = parser.getEvent();
        Place place = place(event);
        if (depth > MAX_DEPTH) {
            problems.add(place, "", "is nested deeper than " + MAX_DEPTH + " levels; no key is");
            throw new StopReading();
        }
        if (problems.count() > Problems.MAX) {
            throw new StopReading();
        }
        if (event instanceof AliasEvent) {
            problems.add(place, "", "aliases (*name) are not supported; write the value out");
            return new YamlValue.Nothing(place);
        }
        String tag = event instanceof ScalarEvent scalar ? scalar.getTag() : ((CollectionStartEvent) event).getTag();
        if (tag != null) {
            problems.add(place, "", "tags (!name) are not supported; remove it");
        }
        if (event instanceof MappingStartEvent) {
            return mapping(place, depth);
        }
        if (event instanceof ScalarEvent scalar) {
            return scalar.isPlain() && NOTHING.contains(scalar.getValue())
                    ? new YamlValue.Nothing(place)
                    : new YamlValue.Scalar(place, text(scalar));
        }
        List<YamlValue> elements = new ArrayList<>();
        while (!parser.checkEvent(ID.SequenceEnd)) {
            elements.add(value(depth + 1));
        }
        parser.getEvent();
        return new YamlValue.Sequence(place, elements);
    }

    /** All spellings of true and false are one. */
    private static String text(ScalarEvent scalar) {
        String text = scalar.getValue();
        return !scalar.isPlain()
                ? text
                : switch (text) {
                    case "True", "TRUE" -> "true";
                    case "False", "FALSE" -> "false";
                    default -> text;
                };
    }

    private YamlValue mapping(Place place, int depth) throws StopReading {
        LinkedHashMap<String, YamlValue.Entry> entries = new LinkedHashMap<>();
        while (!parser.checkEvent(ID.MappingEnd)) {
            Event event = parser.getEvent();
            Place keyPlace = place(event);
            if (!(event instanceof ScalarEvent scalar)) {
                problems.add(keyPlace, "", "is not YAML: what stands here can't be a key; use plain text");
                throw new StopReading();
            }
            String key = scalar.getValue();
            YamlValue.Entry entry = new YamlValue.Entry(keyPlace, value(depth + 1));
            YamlValue.@Nullable Entry first = entries.putIfAbsent(key, entry);
            if (first != null) {
                problems.add(
                        keyPlace,
                        "",
                        "the key " + Problems.quote(key) + " stands twice, first in line "
                                + first.place().line() + "; remove one of them");
            }
        }
        parser.getEvent();
        return new YamlValue.Mapping(place, entries);
    }

    private Place place(Event event) {
        return place(source, event.getStartMark());
    }

    private static Place place(String source, Mark mark) {
        return new Place(source, mark.getLine() + 1, mark.getColumn() + 1);
    }

    private static Place place(String source, String text, YAMLException e) {
        return switch (e) {
            case MarkedYAMLException marked
            when marked.getProblemMark() != null -> place(source, marked.getProblemMark());
            case ReaderException reader -> {
                String before = text.substring(0, Math.min(reader.getPosition(), text.length()));
                yield new Place(
                        source,
                        1 + (int) before.chars().filter(c -> c == '\n').count(),
                        before.length() - before.lastIndexOf('\n'));
            }
            default -> Place.of(source);
        };
    }

    private static String reason(YAMLException e) {
        return switch (e) {
            // Not its message, which quotes the text.
            case MarkedYAMLException marked ->
                Problems.quote(String.valueOf(marked.getProblem())).replace("\"", "");
            case ReaderException _ -> "a control character, which YAML does not allow; remove it";
            default -> Problems.quote(String.valueOf(e.getMessage())).replace("\"", "");
        };
    }
}
