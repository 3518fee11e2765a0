package io.policylog.parser.filter;

import com.google.re2j.Pattern;

/**
 * Whether a regular expression finds something in a text. Names repeat, so what was found in a text is remembered by its
 * bytes: finding out again costs a hash and a comparison instead of a run of the pattern.
 */
final class TextMatches implements TextTest {
    private final Pattern pattern;
    private final ValueCache cache;

    TextMatches(Pattern pattern, ValueCache cache) {
        this.pattern = pattern;
        this.cache = cache;
    }

    @Override
    public boolean test(byte[] json, int offset, int length) {
        return cache.test(json, offset, length, this);
    }

    @Override
    public boolean test(String text) {
        return pattern.matcher(text).find();
    }
}
