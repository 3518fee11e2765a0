package io.policylog.parser.filter;

import io.policylog.parser.JsonText;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Whether a text is an address within a network, IPv4 or IPv6 (RFC 4291, section 2.2). An IPv4-mapped address
 * ({@code ::ffff:10.0.0.1}) is the IPv4 address it holds; a text that is no address is in no network.
 *
 * <p>An address is 128 bits in two {@code long}s, an IPv4 address in its mapped form. Only a network within
 * {@code ::ffff:0:0/96} holds IPv4 addresses: {@code ::/0} means all of IPv6.
 */
final class IpNetwork implements TextTest {
    private static final int MAPPED_PREFIX = 96;
    private static final long MAPPED = 0xffffL << 32;

    private final long high;
    private final long low;
    private final long highMask;
    private final long lowMask;
    private final boolean isMapped;
    private final Address address;

    private IpNetwork(long high, long low, int prefix, Address address) {
        this.highMask = prefix == 0 ? 0 : prefix >= 64 ? -1 : -1L << (64 - prefix);
        this.lowMask = prefix <= 64 ? 0 : -1L << (128 - prefix);
        this.high = high & highMask;
        this.low = low & lowMask;
        this.isMapped = prefix >= MAPPED_PREFIX && isMapped(high, low);
        this.address = address;
    }

    /** {@code 10.0.0.0/8}, {@code 2001:db8::/32} or one address; null if it is none of these. */
    static @Nullable IpNetwork of(String text) {
        int slash = text.indexOf('/');
        String base = slash < 0 ? text : text.substring(0, slash);
        Address address = new Address();
        byte[] bytes = base.getBytes(StandardCharsets.UTF_8);
        if (!address.parse(bytes, 0, bytes.length)) {
            return null;
        }
        boolean isV4 = base.indexOf(':') < 0;
        int bits = isV4 ? 32 : 128;
        int prefix = bits;
        if (slash >= 0) {
            String digits = text.substring(slash + 1);
            if (digits.isEmpty() || digits.length() > 3 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return null;
            }
            prefix = Integer.parseInt(digits);
        }
        return prefix > bits ? null : new IpNetwork(address.high, address.low, prefix + 128 - bits, address);
    }

    @Override
    public boolean test(byte[] json, int offset, int length) {
        if (JsonText.indexOfEscape(json, offset, offset + length) < offset + length) {
            return test(JsonText.decode(json, offset, offset + length));
        }
        return address.parse(json, offset, length)
                && isMapped(address.high, address.low) == isMapped
                && (address.high & highMask) == high
                && (address.low & lowMask) == low;
    }

    @Override
    public boolean test(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        // Without a backslash it is the content of a JSON string; with one it is no address.
        return text.indexOf('\\') < 0 && test(bytes, 0, bytes.length);
    }

    private static boolean isMapped(long high, long low) {
        return high == 0 && (low & 0xffff_ffff_0000_0000L) == MAPPED;
    }

    /** The address parsed last. */
    private static final class Address {
        private long high;
        private long low;

        boolean parse(byte[] text, int offset, int length) {
            int end = offset + length;
            for (int at = offset; at < end; at++) {
                if (text[at] == ':') {
                    return parseV6(text, offset, end);
                }
            }
            long v4 = v4(text, offset, end);
            high = 0;
            low = MAPPED | v4;
            return v4 >= 0;
        }

        /** The address as 32 bits, or -1. */
        private static long v4(byte[] text, int offset, int end) {
            long result = 0;
            int at = offset;
            for (int part = 0; part < 4; part++) {
                if (part > 0 && (at >= end || text[at++] != '.')) {
                    return -1;
                }
                int start = at;
                int value = 0;
                while (at < end && at - start < 3 && text[at] >= '0' && text[at] <= '9') {
                    value = value * 10 + text[at++] - '0';
                }
                boolean leadingZero = at - start > 1 && text[start] == '0';
                if (at == start || value > 255 || leadingZero) {
                    return -1;
                }
                result = result << 8 | value;
            }
            return at == end ? result : -1;
        }

        /** Groups before {@code ::} go to the top, those after it to the bottom. */
        private boolean parseV6(byte[] text, int offset, int end) {
            high = 0;
            low = 0;
            int groups = 0;
            int gap = -1;
            int at = offset;
            if (end - offset >= 2 && text[at] == ':' && text[at + 1] == ':') {
                gap = 0;
                at += 2;
            }
            while (at < end) {
                int start = at;
                int value = 0;
                while (at < end && at - start < 4 && Character.digit(text[at], 16) >= 0) {
                    value = value << 4 | Character.digit(text[at++], 16);
                }
                if (at < end && text[at] == '.') {
                    long v4 = v4(text, start, end);
                    if (v4 < 0 || groups > 6) {
                        return false;
                    }
                    shift((int) (v4 >>> 16));
                    shift((int) v4 & 0xffff);
                    groups += 2;
                    at = end;
                    break;
                }
                if (at == start || groups == 8) {
                    return false;
                }
                shift(value);
                groups++;
                if (at == end) {
                    break;
                }
                if (text[at++] != ':' || at == end) {
                    return false;
                }
                if (text[at] == ':') {
                    if (gap >= 0) {
                        return false;
                    }
                    gap = groups;
                    at++;
                }
            }
            return gap < 0 ? groups == 8 : groups < 8 && open(gap, groups);
        }

        private void shift(int group) {
            high = high << 16 | low >>> 48;
            low = low << 16 | group;
        }

        /** Moves the groups before the gap up by as many groups as are missing. */
        private boolean open(int gap, int groups) {
            int after = groups - gap;
            long bottomHigh = bits(high, Math.max(0, after - 4));
            long bottomLow = bits(low, Math.min(4, after));
            high ^= bottomHigh;
            low ^= bottomLow;
            for (int missing = groups; missing < 8; missing++) {
                shift(0);
            }
            high |= bottomHigh;
            low |= bottomLow;
            return true;
        }

        private static long bits(long value, int groups) {
            return groups == 4 ? value : value & ((1L << (16 * groups)) - 1);
        }
    }
}
