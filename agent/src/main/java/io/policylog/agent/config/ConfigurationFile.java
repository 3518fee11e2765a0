package io.policylog.agent.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Reads a file's YAML, whatever the file is. */
final class ConfigurationFile {
    /** No configuration is longer. */
    static final int MAX_BYTES = 1 << 20;

    private ConfigurationFile() {}

    /** The map that the file holds; empty when it could not be read as one, and then the reason is among the problems. */
    static Optional<YamlValue.Mapping> read(Path file, Problems problems) {
        Place place = Place.of(file.toString());
        return text(file, place, problems)
                .flatMap(text -> YamlDocument.read(place.source(), text, problems))
                .flatMap(document -> map(document, place, problems));
    }

    private static Optional<YamlValue.Mapping> map(YamlValue document, Place place, Problems problems) {
        if (document instanceof YamlValue.Mapping map) {
            return Optional.of(map);
        }
        if (document instanceof YamlValue.Nothing) {
            problems.add(place, "", "is empty; write at least one key, or leave out --config");
        } else {
            String found = document instanceof YamlValue.Sequence ? "list" : "text";
            problems.add(document.place(), "", "must be a map of keys; found a " + found);
        }
        return Optional.empty();
    }

    private static Optional<String> text(Path file, Place place, Problems problems) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                problems.add(place, "", "is longer than " + Units.formatSize(MAX_BYTES) + "; no configuration is");
                return Optional.empty();
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return Optional.of(text.startsWith("\uFEFF") ? text.substring(1) : text);
        } catch (NoSuchFileException e) {
            problems.add(place, "", "there is no such file; name one that exists, or leave out --config");
        } catch (CharacterCodingException e) {
            problems.add(place, "", "is not UTF-8; save it as UTF-8");
        } catch (IOException e) {
            problems.add(
                    place,
                    "",
                    Files.isDirectory(file)
                            ? "is a directory; name a file"
                            : "can't be read (" + e.getClass().getSimpleName() + "); make it readable for this user");
        }
        return Optional.empty();
    }
}
