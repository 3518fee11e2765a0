package io.policylog.sinks;

import java.nio.file.Path;
import java.util.Optional;

/** A position in a file of its own. Used by one thread. */
public final class PositionFile {
    private final DurableFile file;

    public PositionFile(Path path) {
        this.file = new DurableFile(path, "position", 1);
    }

    /** The position last written, or empty when there never was one. */
    public Optional<Position> read() throws SinkException {
        Optional<String> text = file.read();
        return text.isEmpty()
                ? Optional.empty()
                : Optional.of(Position.parse(text.get().strip()));
    }

    /** Makes the position durable. */
    public void write(Position position) throws SinkException {
        file.write(position.toText() + "\n");
    }
}
