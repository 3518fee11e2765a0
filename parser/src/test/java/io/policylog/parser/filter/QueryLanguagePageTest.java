package io.policylog.parser.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.policylog.parser.ResourceLabels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The examples in docs/query-language.md are what they are called there. */
final class QueryLanguagePageTest {
    private static final Path PAGE = Path.of("..", "docs", "query-language.md");
    private static final FilterContext CONTEXT = FilterContext.forSink(
            new ResourceLabels("my-project", "us-east1", "prod-1", "node-1"), InstantSource.system());

    @Test
    void everyExampleCompilesWithoutAWarning() throws IOException, FilterException {
        List<String> examples = examples("query");
        assertTrue(examples.size() >= 10, examples.size() + " examples were found");
        for (String example : examples) {
            List<String> warnings = Filter.compile(example, CONTEXT).warnings().stream()
                    // Keys that no record is known to have are an example themselves.
                    .filter(warning -> !warning.contains("dest.labels"))
                    .toList();
            assertEquals(List.of(), warnings, example);
        }
    }

    @Test
    void everyRejectedExampleIsRejected() throws IOException {
        List<String> examples = examples("rejected");
        assertTrue(examples.size() >= 2, examples.size() + " examples were found");
        for (String example : examples) {
            assertThrows(FilterException.class, () -> Filter.compile(example, CONTEXT), example);
        }
    }

    private static List<String> examples(String kind) throws IOException {
        return Pattern.compile("```" + kind + "\n(.*?)\n```", Pattern.DOTALL)
                .matcher(Files.readString(PAGE))
                .results()
                .map((MatchResult result) -> result.group(1))
                .toList();
    }
}
