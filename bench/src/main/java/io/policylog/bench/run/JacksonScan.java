package io.policylog.bench.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a general parser does with a log: every field is read, and none kept. */
final class JacksonScan {
    private JacksonScan() {}

    /** Prints the number of lines in the files. */
    public static void main(String[] paths) throws IOException {
        JsonFactory jackson = new JsonFactory();
        long lines = 0;
        long sum = 0;
        for (String path : paths) {
            try (JsonParser parser = jackson.createParser(Files.newInputStream(Path.of(path)))) {
                int depth = 0;
                for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                    switch (token) {
                        case START_OBJECT -> depth++;
                        case END_OBJECT -> lines += --depth == 0 ? 1 : 0;
                        case VALUE_STRING -> sum += parser.getTextLength();
                        case VALUE_NUMBER_INT -> sum += parser.getLongValue();
                        default -> sum++;
                    }
                }
            }
        }
        System.out.println(lines + " " + sum);
    }
}
