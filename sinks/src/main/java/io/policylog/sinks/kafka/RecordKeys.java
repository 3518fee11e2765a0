package io.policylog.sinks.kafka;

import io.policylog.parser.Field;
import io.policylog.parser.PolicyRecord;
import io.policylog.parser.Side;
import io.policylog.parser.WorkloadName;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The keys of records: {@code <namespace>/<workload>} of the side that the policy is enforced on; without a workload the
 * pod stands in its place; a node is its name, and everything else its address.
 *
 * <p>A node sees few workloads, so keys are looked up by the bytes they are made of, in a table whose places are taken
 * over by the next comer: it never grows. Confined to the pipeline's thread.
 */
final class RecordKeys {
    /** A power of two. */
    private static final int PLACES = 2048;

    /** Longer names are not kept: Kubernetes has none. */
    private static final int MAX_SOURCE_BYTES = 1024;

    private final byte[] @Nullable [] sources = new byte[PLACES][];
    private final byte[][] keys = new byte[PLACES][];
    private final byte[] source = new byte[MAX_SOURCE_BYTES];
    private final CRC32C checksum = new CRC32C();

    /** The key's bytes; not to be changed. */
    byte[] of(PolicyRecord record) {
        Side side = record.enforcedSide();
        if (record.has(side.workloadName())) {
            return lookUp(record, side.namespace(), side.workloadName(), side.workloadKind());
        }
        if (record.has(side.podName())) {
            return lookUp(record, side.namespace(), side.podName(), null);
        }
        if (record.has(side.nodeName())) {
            return lookUp(record, null, side.nodeName(), null);
        }
        return lookUp(record, null, record.has(side.instance()) ? side.instance() : side.ip(), null);
    }

    private byte[] lookUp(PolicyRecord record, @Nullable Field namespace, Field name, @Nullable Field kind) {
        int length = append(record, namespace, 0);
        length = append(record, name, length);
        length = append(record, kind, length);
        if (length < 0) {
            return make(record, namespace, name, kind);
        }
        int place = place(length);
        byte[] known = sources[place];
        if (known == null || !Arrays.equals(known, 0, known.length, source, 0, length)) {
            sources[place] = Arrays.copyOf(source, length);
            keys[place] = make(record, namespace, name, kind);
        }
        return keys[place];
    }

    /** Appends the field's bytes and a separator that no JSON string holds; -1 when the whole is too long. */
    private int append(PolicyRecord record, @Nullable Field field, int length) {
        if (length < 0) {
            return length;
        }
        int end = length;
        if (field != null && record.has(field)) {
            int bytes = record.length(field);
            if (bytes >= MAX_SOURCE_BYTES - length) {
                return -1;
            }
            System.arraycopy(record.array(field), record.offset(field), source, length, bytes);
            end += bytes;
        }
        if (end == MAX_SOURCE_BYTES) {
            return -1;
        }
        source[end] = 0;
        return end + 1;
    }

    /** CRC-32C, because the processor does it. */
    private int place(int length) {
        checksum.reset();
        checksum.update(source, 0, length);
        return (int) checksum.getValue() & (PLACES - 1);
    }

    private static byte[] make(PolicyRecord record, @Nullable Field namespace, Field name, @Nullable Field kind) {
        String text = String.valueOf(record.text(name));
        if (kind != null) {
            text = WorkloadName.stable(text, record.text(kind));
        }
        if (namespace != null && record.has(namespace)) {
            text = record.text(namespace) + "/" + text;
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
