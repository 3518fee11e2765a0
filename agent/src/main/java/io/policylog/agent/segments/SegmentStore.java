package io.policylog.agent.segments;

import io.policylog.sinks.FullDisk;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the files of the log, tells what each one is, orders them once, pins them, and lets go of what every pipeline
 * has behind it. One for each agent.
 *
 * <p>A new file is pinned first and looked at afterwards: hard-linked under a temporary name in the state directory,
 * opened there, identified by its {@link Head}, and only then given its sequence number and final name. The directory
 * entry itself is never opened, so nothing that is put in its place afterwards is ever read. Where links are impossible
 * an open descriptor is the pin.
 *
 * <p>{@link #scan} and {@link #close} are called by one thread, {@link #addHold} and what only tells by any.
 */
public final class SegmentStore implements AutoCloseable {
    /** How long a pin outlives the last name of its file, so that late bytes and a compressed copy are recognised. */
    static final long LINGER_NANOS = 60_000_000_000L;

    private static final int MAX_LOST = 1000;
    private static final int MAX_SAID = 1000;

    private final Logger log = LoggerFactory.getLogger(SegmentStore.class);
    private final Path directory;
    private final String glob;
    private final Optional<StateDirectory> state;
    private final Pinning pinning;
    private final Retention retention;
    private final LongSupplier nanoTime;
    private final InstantSource time;

    private final Map<FileStat.Key, LogFile> files = new HashMap<>();
    private final NavigableMap<Long, SegmentEntry> entries = new TreeMap<>();
    private final ArrayDeque<Segments.Lost> lost = new ArrayDeque<>();
    private final Set<String> said = new HashSet<>();
    /** What the last listing said of single paths: only what is new is said. */
    private Set<String> troubles = Set.of();

    private final List<SegmentHold> holds = new CopyOnWriteArrayList<>();
    private final LogEnd logEnd = new LogEnd();
    private final WriteRate writeRate = new WriteRate();
    private final long firstOfRun;
    private final String storeId;
    private long nextVolatileSequence = 1;

    private boolean scannedBefore;
    private long pinsCheckedNanos;
    /** Whether the last scan found a file that it could not pin because the disk is full. */
    private boolean noRoom;

    private volatile Segments segments;
    private volatile boolean logPresent;
    private volatile long retainedBytes;
    private volatile int unreadableFiles;

    /**
     * Takes over the pins that are in the state directory.
     *
     * @param directory the log's directory; it may be missing, and come and go
     * @param glob what the names of the log's files match
     * @param state where pins are kept; without it descriptors are the pins. Closed with the store
     * @param nanoTime a monotonic clock
     * @param time the clock that files are dated by
     */
    public SegmentStore(
            Path directory,
            String glob,
            Optional<StateDirectory> state,
            Retention retention,
            LongSupplier nanoTime,
            InstantSource time)
            throws IOException {
        this.directory = directory;
        this.glob = glob;
        this.state = state;
        this.pinning = new Pinning(state.map(StateDirectory::segmentsDirectory));
        this.retention = retention;
        this.nanoTime = nanoTime;
        this.time = time;
        this.storeId = state.map(StateDirectory::storeId).orElseGet(StateDirectory::newStoreId);
        this.firstOfRun = nextSequence();
        this.segments = new Segments(storeId, List.of(), List.of(), firstOfRun, nextSequence());
        if (state.isPresent()) {
            loadPins(state.get().segmentsDirectory(), nanoTime.getAsLong());
        }
    }

    /** Adds a pipeline whose needs are respected. */
    public void addHold(SegmentHold hold) {
        holds.add(hold);
    }

    /** What the last scan saw. */
    public Segments segments() {
        return segments;
    }

    /** Whether the log's directory is there, with a file of the log in it. */
    public boolean logPresent() {
        return logPresent;
    }

    /** The bytes that only pins hold. */
    public long retainedBytes() {
        return retainedBytes;
    }

    /** How many entries of the log directory with a matching name can't be read, or are no files. */
    public int unreadableFiles() {
        return unreadableFiles;
    }

    /** Whether segments are pinned by hard links, so that their bytes survive the agent. */
    public boolean linking() {
        return pinning.linking();
    }

    /** Names the state that gives the sequence numbers. */
    public String storeId() {
        return storeId;
    }

    /** How many bytes of the log lie after a place in it. */
    public long bytesAfter(long sequence, long offset) {
        return segments.list().stream()
                .filter(s -> s.sequence() >= sequence)
                .mapToLong(s -> Math.max(0, s.sequence() == sequence ? s.size() - offset : s.size()))
                .sum();
    }

    /** For how many seconds it has been known that something lies after a place in the log; 0 when nothing does. */
    public double secondsKnownAfter(long sequence, long offset) {
        OptionalLong since = logEnd.knownSinceNanos(sequence, offset);
        // What was seen may have been truncated since.
        return since.isEmpty() || bytesAfter(sequence, offset) == 0
                ? 0
                : (nanoTime.getAsLong() - since.getAsLong()) / 1e9;
    }

    /**
     * For how many seconds at the present rate the log can grow until the oldest of what lies after a place in it is
     * lost to a reader that stands still; infinite when nothing lies there, or nothing is written.
     */
    public double headroomSeconds(long sequence, long offset) {
        List<Segment> all = segments.list();
        List<Segment> needed = all.stream()
                .filter(s -> s.sequence() >= sequence)
                .dropWhile(s -> s.size() <= (s.sequence() == sequence ? offset : 0))
                .toList();
        double rate = writeRate.bytesPerSecond();
        return needed.isEmpty() || rate <= 0
                ? Double.POSITIVE_INFINITY
                : Headroom.bytes(all, needed, linking(), retention, aboveMinFreeDisk()) / rate;
    }

    private long aboveMinFreeDisk() {
        try {
            FileStore disk = Files.getFileStore(directory);
            return disk.getUsableSpace() - (long) (disk.getTotalSpace() * retention.minFreeDisk());
        } catch (IOException e) {
            return Long.MAX_VALUE; // Without a directory there is no disk to keep free.
        }
    }

    private void loadPins(Path pins, long now) throws IOException {
        // Listed before anything is renamed, else a pin could be met again under a temporary name.
        List<Path> links = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(pins)) {
            stream.forEach(links::add);
        }
        List<LogFile> unnamed = new ArrayList<>();
        for (Path link : links) {
            String name = link.getFileName().toString();
            PinName pinName = PinName.parse(name).orElse(null);
            FileStat stat = FileStat.of(link);
            if (!stat.regular() || (pinName == null && !Pinning.isTemporary(name))) {
                sayOnce("pin " + name, "{} is no pin; it is left alone", link);
            } else if (pinName == null) {
                // A crash came before its name. Nothing of it was read, but it may be all that holds the bytes.
                unnamed.add(new LogFile(Compression.ofName(name), new Pin.Link(link), stat, now));
            } else {
                LogFile file = new LogFile(pinName.compression(), new Pin.Link(link), stat, now);
                files.put(file.key(), file);
                loadPin(file, pinName, now);
            }
        }
        for (LogFile file : unnamed) {
            if (files.putIfAbsent(file.key(), file) != null) {
                file.pin.release();
            }
        }
    }

    private void loadPin(LogFile file, PinName pinName, long now) {
        file.identify(now);
        file.presumeQuiet(now);
        SegmentEntry entry =
                entries.computeIfAbsent(pinName.sequence(), sequence -> new SegmentEntry(sequence, pinName.id()));
        if (file.head != null && entry.beginsLike(file.head)) {
            entry.add(file);
        } else {
            // Truncated while nobody looked: what the file holds now is another segment.
            entry.markEmpty(Segments.Lost.Reason.TRUNCATED, now);
            startAnew(file, now);
        }
    }

    /** Looks at the directory once, and publishes what it found. Never throws for what lies there. */
    public void scan() {
        long now = nanoTime.getAsLong();
        Optional<Set<FileStat.Key>> fresh = look(now);
        if (fresh.isPresent() && !fresh.get().isEmpty()) {
            fresh = look(now);
        }
        if (fresh.isPresent()) {
            followChanges(now);
            placeNewFiles(fresh.get(), now);
            removeGone(now);
        }
        release(now, fresh.isPresent());
        publish(now);
    }

    /**
     * Finds names, pins what is new, learns what the known files look like now, and gives what was new.
     *
     * @return empty when the directory can't be listed: what is not seen then is not known to be gone
     */
    private Optional<Set<FileStat.Key>> look(long now) {
        boolean listed = false;
        Set<FileStat.Key> fresh = new HashSet<>();
        Set<String> met = new HashSet<>();
        Map<FileStat.Key, String> names = new HashMap<>();
        int unreadable = 0;
        noRoom = false;
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory, glob)) {
            restoreState();
            for (Path path : paths) {
                try {
                    FileStat stat = FileStat.of(path);
                    LogFile file = stat.regular() ? fileAt(path, stat, fresh, now) : null;
                    if (file == null) {
                        unreadable++;
                        sayOfPath(met, "{} is not a regular file and is not read", path, "");
                    } else {
                        names.put(file.key(), path.getFileName().toString());
                        if (file.damaged(now)) {
                            unreadable++;
                            sayOfPath(met, "{} can't be read and decompressed to its end, and is left out", path, "");
                        }
                    }
                } catch (NoSuchFileException e) {
                    // Renamed or unlinked since it was listed; under a new name it is found by the next scan.
                } catch (IOException e) {
                    unreadable++;
                    noRoom |= FullDisk.isCauseOf(e);
                    sayOfPath(met, "can't read {}: {}; each scan tries again", path, e.toString());
                }
            }
            listed = true;
            pinsCheckedNanos = pinsAreToBeChecked(now) ? now : pinsCheckedNanos;
            troubles = met;
            logPresent = !names.isEmpty() || unreadable > 0;
            said.remove("directory");
            if (logPresent) {
                said.remove("empty");
            } else {
                sayOnce("empty", "there is no {} in the log directory {}; waiting for it", glob, directory);
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            logPresent = false;
            sayOnce("directory", "there is no log directory {}; waiting for it", directory);
        } catch (IOException | DirectoryIteratorException e) {
            sayOnce("directory", "can't list the log directory {}: {}; each scan tries again", directory, e.toString());
        }
        unreadableFiles = unreadable;
        if (!listed) {
            return Optional.empty();
        }
        for (LogFile file : List.copyOf(files.values())) {
            file.named(names.get(file.key()), now);
            if (file.name() == null) {
                try { // It can still grow: a process may have it open.
                    file.seen(file.pin.stat(), now);
                } catch (IOException e) {
                    drop(file, Segments.Lost.Reason.REMOVED, now);
                }
            }
        }
        return Optional.of(fresh);
    }

    private void restoreState() {
        if (state.isPresent()) {
            try {
                state.get().restore();
                said.remove("state");
            } catch (IOException e) {
                sayOnce("state", "the state directory is gone and can't be made again: {}", e.toString());
            }
        }
    }

    /** The file behind a directory entry, pinned, and added to the fresh ones if it is; null when it is no regular file. */
    private @Nullable LogFile fileAt(Path path, FileStat stat, Set<FileStat.Key> fresh, long now) throws IOException {
        LogFile known = files.get(stat.key());
        if (known != null) {
            known.seen(stat, now);
            if ((stat.links() < 2 || pinsAreToBeChecked(now)) && !known.pinned()) {
                pinAgain(known, path);
            }
            return known;
        }
        Pinning.Pinned pinned = pinning.pin(path, stat);
        known = files.get(pinned.stat().key());
        if (known != null || !pinned.stat().regular()) {
            pinned.pin().release(); // The name leads elsewhere since it was looked at.
            return known;
        }
        LogFile file = new LogFile(Compression.ofName(path.getFileName().toString()), pinned.pin(), pinned.stat(), now);
        files.put(file.key(), file);
        fresh.add(file.key());
        return file;
    }

    /** Once a minute also where a file's links do not show that one is missing: it can have names that are not ours. */
    private boolean pinsAreToBeChecked(long now) {
        return now - pinsCheckedNanos >= LINGER_NANOS;
    }

    /** Somebody removed a pin; the file still has its name. */
    private void pinAgain(LogFile file, Path path) {
        try {
            Pinning.Pinned pinned = pinning.pin(path, file.stat);
            if (!pinned.stat().key().equals(file.key())) {
                pinned.pin().release();
                return;
            }
            file.pin = pinned.pin();
            if (file.entry != null) {
                name(file, file.entry);
            }
            said.remove("pin");
            log.warn("the pin of {} was removed; it has another one now", path);
        } catch (IOException e) {
            sayOnce("pin", "a pin was removed and can't be made again: {}", e.toString());
        }
    }

    /** Notices files that were truncated, and copies that turned out to be none. */
    private void followChanges(long now) {
        for (LogFile file : List.copyOf(files.values())) {
            SegmentEntry entry = file.entry;
            if (entry == null || file.compression != Compression.NONE || !file.takeChanged()) {
                continue;
            }
            try {
                if (!file.intact()) {
                    entry.remove(file, Segments.Lost.Reason.TRUNCATED, now);
                    startAnew(file, now);
                    continue;
                }
                file.size = file.stat.size();
                entry.grown();
                Optional<LogFile> other = entry.other(file);
                if (other.isPresent() && !file.agrees(other.get())) {
                    entry.remove(file, Segments.Lost.Reason.REMOVED, now);
                    startAnew(file, now);
                }
            } catch (IOException e) {
                drop(file, Segments.Lost.Reason.REMOVED, now);
            }
        }
    }

    /** Makes a file one that is looked at for the first time. */
    private void startAnew(LogFile file, long now) {
        file.forget();
        try {
            file.pin = pinning.unname(file.pin);
        } catch (IOException e) {
            drop(file, Segments.Lost.Reason.REMOVED, now);
        }
    }

    private void drop(LogFile file, Segments.Lost.Reason reason, long now) {
        files.remove(file.key(), file);
        if (file.entry != null) {
            file.entry.remove(file, reason, now);
        }
        try {
            file.pin.release();
        } catch (IOException e) {
            sayOnce("release", "can't let go of a pin: {}", e.toString());
        }
    }

    /**
     * Gives the files that are new, and known by content now, their place. A listing can miss a file that is renamed
     * meanwhile, and yet meet the one made after it; only the listing after that one surely meets the first as well. So
     * a file that is newer than all that an earlier listing met has to wait.
     *
     * @param justMet what only the last listing met
     */
    private void placeNewFiles(Set<FileStat.Key> justMet, long now) {
        List<LogFile> fresh = new ArrayList<>();
        for (LogFile file : files.values()) {
            if (file.entry == null) {
                file.identify(now);
                if (file.head != null) {
                    fresh.add(file);
                }
            }
        }
        fresh.sort(LogFile.BY_HINTS);
        while (!fresh.isEmpty() && justMet.contains(fresh.getLast().key())) {
            fresh.removeLast();
        }
        for (LogFile file : fresh) {
            Head head = Objects.requireNonNull(file.head);
            List<SegmentEntry> alike =
                    entries.values().stream().filter(e -> e.beginsLike(head)).toList();
            Optional<SegmentEntry> copied =
                    alike.stream().filter(e -> isCopy(file, e, now)).findFirst();
            if (copied.isPresent()) {
                add(file, copied.get());
            } else if (alike.isEmpty() || file.settled(now)) {
                String id = alike.isEmpty() ? head.id() : numbered(head.id());
                long sequence;
                try {
                    sequence = takeSequence();
                    said.remove("sequence");
                } catch (IOException e) {
                    sayOnce("sequence", "can't place a new segment: {}; each scan tries again", e.toString());
                    return; // Those that come after it must not be placed before it.
                }
                SegmentEntry entry = new SegmentEntry(sequence, id);
                // The writer unlinks the oldest first: while the newest that is known still has a name, nothing was
                // missed.
                entry.afterGap =
                        !entries.isEmpty() && entries.lastEntry().getValue().nameless();
                entries.put(entry.sequence, entry);
                add(file, entry);
            }
            // Else it is a copy that is still being made, most likely: decided when it has come to rest.
        }
    }

    /** Whether a file that begins like a segment is a copy of it. Never so when both can still grow apart. */
    private static boolean isCopy(LogFile file, SegmentEntry entry, long now) {
        if (entry.copies.isEmpty()) {
            return true; // What it was copied from has been truncated in the meantime.
        }
        boolean bothGrow = file.growing(now) && entry.copies.stream().anyMatch(f -> f.growing(now));
        return !bothGrow && file.agrees(entry.other(file).orElseThrow());
    }

    private String numbered(String id) {
        int number = 2;
        while (numberTaken(id + "-" + number)) {
            number++;
        }
        return id + "-" + number;
    }

    private boolean numberTaken(String id) {
        return entries.values().stream().anyMatch(e -> e.id.equals(id));
    }

    private void add(LogFile file, SegmentEntry entry) {
        entry.add(file);
        name(file, entry);
    }

    private void name(LogFile file, SegmentEntry entry) {
        try {
            file.pin = pinning.name(file.pin, entry.sequence, entry.id, file.compression);
            said.remove("name");
        } catch (IOException e) {
            // Under its temporary name it pins as well, but only until the next start.
            sayOnce("name", "can't name a pin: {}", e.toString());
        }
    }

    private long takeSequence() throws IOException {
        return state.isPresent() ? state.get().takeSequence() : nextVolatileSequence++;
    }

    private long nextSequence() {
        return state.isPresent() ? state.get().nextSequence() : nextVolatileSequence;
    }

    private void removeGone(long now) {
        for (Iterator<SegmentEntry> i = entries.values().iterator(); i.hasNext(); ) {
            SegmentEntry entry = i.next();
            if (entry.gone(now)) {
                lose(entry.lost());
                i.remove();
            }
        }
    }

    private void lose(Segments.Lost segment) {
        lost.addLast(segment);
        if (lost.size() > MAX_LOST) {
            lost.removeFirst();
        }
    }

    /**
     * Lets go of what nobody needs any more, and of the oldest when a bound is reached.
     *
     * @param listed whether it is known what has a name
     */
    private void release(long now, boolean listed) {
        long needed = holds.stream().mapToLong(SegmentHold::heldFrom).min().orElse(Long.MAX_VALUE);
        // A file that is not identified yet may turn out to be a copy of any segment.
        boolean unidentified =
                noRoom || files.values().stream().anyMatch(f -> f.entry == null && f.size != 0 && !f.damaged(now));
        long retained = 0;
        int retainedFiles = 0;
        for (SegmentEntry entry : List.copyOf(entries.values())) {
            if (listed && entry.sequence < needed && !unidentified && entry.namelessFor(LINGER_NANOS, now)) {
                remove(entry, now);
            } else {
                retained += entry.retainedBytes();
                retainedFiles += entry.retainedFiles();
            }
        }
        for (LogFile file : List.copyOf(files.values())) {
            if (listed && file.entry == null && file.namelessForNanos(now) >= LINGER_NANOS) {
                drop(file, Segments.Lost.Reason.REMOVED, now); // It never had a line.
            }
        }
        for (SegmentEntry entry : List.copyOf(entries.values())) {
            long bytes = entry.retainedBytes();
            int filesHeld = entry.retainedFiles();
            if (filesHeld > 0) {
                Optional<String> bound = brokenBound(retained, retainedFiles);
                if (bound.isEmpty()) {
                    break;
                }
                retained -= bytes;
                retainedFiles -= filesHeld;
                if (!entry.nameless()) {
                    // A compressed copy has a name: it holds the segment by itself.
                    entry.retained().toList().forEach(f -> drop(f, Segments.Lost.Reason.REMOVED, now));
                    continue;
                }
                remove(entry, now);
                if (entry.sequence >= needed) {
                    lose(entry.lost(Segments.Lost.Reason.RETENTION));
                    log.warn(
                            "released segment {} ({} bytes), which not every pipeline has read: {}",
                            entry.id,
                            bytes,
                            bound.get());
                }
            }
        }
        retainedBytes = retained;
    }

    private void remove(SegmentEntry entry, long now) {
        entries.remove(entry.sequence);
        List.copyOf(entry.copies).forEach(f -> drop(f, Segments.Lost.Reason.REMOVED, now));
    }

    private Optional<String> brokenBound(long retained, int retainedFiles) {
        if (retained > retention.maxBytes()) {
            return Optional.of(
                    "state.retain.maxBytes is " + retention.maxBytes() + ", but " + retained + " bytes are retained");
        }
        if (retainedFiles > retention.maxFiles()) {
            return Optional.of("state.retain.maxFiles is " + retention.maxFiles() + ", but " + retainedFiles
                    + " files are retained");
        }
        try {
            FileStore disk = Files.getFileStore(directory);
            long total = disk.getTotalSpace();
            long free = disk.getUsableSpace();
            return free >= total * retention.minFreeDisk()
                    ? Optional.empty()
                    : Optional.of("state.retain.minFreeDisk is " + Math.round(retention.minFreeDisk() * 100)
                            + "%, but only " + free + " of " + total + " bytes are free");
        } catch (IOException e) {
            return Optional.empty(); // Without a directory there is no disk to keep free.
        }
    }

    private void publish(long now) {
        boolean activePresent = files.values().stream().anyMatch(LogFile::active);
        List<Segment> list = new ArrayList<>(entries.size());
        int later = entries.size();
        for (SegmentEntry entry : entries.values()) {
            list.add(entry.publish(--later, activePresent, now));
        }
        segments = new Segments(storeId, list, List.copyOf(lost), firstOfRun, nextSequence());
        // What is there at the start has been there since its file was last written, at least.
        Instant date = time.instant();
        for (SegmentEntry entry : entries.values()) {
            logEnd.saw(entry.sequence, entry.size(), scannedBefore ? now : now - entry.sinceModifiedNanos(date));
        }
        scannedBefore = true;
        writeRate.saw(list, now);
    }

    private void sayOfPath(Set<String> met, String message, Path path, String reason) {
        String trouble = message + path;
        if (met.size() < MAX_SAID && met.add(trouble) && !troubles.contains(trouble)) {
            log.warn(message, path, reason);
        }
    }

    private void sayOnce(String what, String message, Object... arguments) {
        if (said.size() < MAX_SAID && said.add(what)) {
            log.warn(message, arguments);
        }
    }

    /** Closes descriptors and lets the next process have the state. Links stay: they are what survives. */
    @Override
    public void close() throws IOException {
        for (LogFile file : files.values()) {
            if (file.pin instanceof Pin.Descriptor) {
                file.pin.release();
            }
        }
        if (state.isPresent()) {
            state.get().close();
        }
    }
}
