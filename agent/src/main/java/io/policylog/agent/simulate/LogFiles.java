package io.policylog.agent.simulate;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** The names of the log's files, and what rotation does to them. Belongs to one thread, apart from {@link #unlinkOldBackups}. */
final class LogFiles {
    private static final String ACTIVE = "policy_action.log";
    private static final DateTimeFormatter BACKUP =
            DateTimeFormatter.ofPattern("'policy_action-'uuuu-MM-dd'T'HH-mm-ss.SSS'.log'");
    private static final String BACKUP_GLOB =
            "policy_action-[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]-[0-9][0-9]-[0-9][0-9].[0-9][0-9][0-9].log";
    private static final String DATED_GLOB = ACTIVE + "-[0-9]*";
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("uuuuMMdd");
    private static final String GZIP = ".gz";

    private final Path directory;
    private final LogWriterOptions options;
    private final InstantSource clock;

    private Instant lastBackup = Instant.EPOCH;
    private String lastDate = "";
    private long lastDatedSecond;

    LogFiles(Path directory, LogWriterOptions options, InstantSource clock) {
        this.directory = directory;
        this.options = options;
        this.clock = clock;
    }

    Path active() {
        return directory.resolve(ACTIVE);
    }

    /** Gives the closed active file its backup name: no two of a run have the same, and later ones sort later. */
    void renameToBackup() throws IOException {
        Instant time = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Path backup;
        do {
            time = time.isAfter(lastBackup) ? time : lastBackup.plusMillis(1);
            lastBackup = time;
            backup = directory.resolve(BACKUP.format(time.atZone(ZoneId.systemDefault())));
        } while (Files.exists(backup));
        Files.move(active(), backup);
    }

    /** What the writer's background task does; may run beside the writer. */
    void unlinkOldBackups() throws IOException {
        unlinkOldest(BACKUP_GLOB);
    }

    void renameToNumber() throws IOException {
        Path first = makeRoomForNumber();
        Files.move(active(), first);
        compress(first);
    }

    /** The caller truncates the active file afterwards. */
    void copyToNumber() throws IOException {
        Path first = makeRoomForNumber();
        Files.copy(active(), first, StandardCopyOption.COPY_ATTRIBUTES);
        compress(first);
    }

    void renameToDate() throws IOException {
        Instant now = clock.instant();
        String date = ACTIVE + "-" + DATE.format(now.atZone(ZoneId.systemDefault()));
        Path dated = directory.resolve(date);
        if (date.equals(lastDate) || exists(dated)) {
            do {
                lastDatedSecond = Math.max(now.getEpochSecond(), lastDatedSecond + 1);
                dated = directory.resolve(date + "-" + lastDatedSecond);
            } while (exists(dated));
        }
        lastDate = date;
        Files.move(active(), dated);
        compress(dated);
        unlinkOldest(DATED_GLOB);
    }

    private Path makeRoomForNumber() throws IOException {
        int last = 1;
        while (exists(numbered(last))) {
            last++;
        }
        for (int number = last - 1; number >= 1; number--) {
            for (String suffix : List.of("", GZIP)) {
                Path from = withSuffix(numbered(number), suffix);
                if (!Files.exists(from)) {
                    continue;
                }
                if (options.maxBackups() > 0 && number >= options.maxBackups()) {
                    Files.delete(from);
                } else {
                    Files.move(from, withSuffix(numbered(number + 1), suffix));
                }
            }
        }
        return numbered(1);
    }

    private Path numbered(int number) {
        return directory.resolve(ACTIVE + "." + number);
    }

    private static boolean exists(Path plain) {
        return Files.exists(plain) || Files.exists(withSuffix(plain, GZIP));
    }

    private static Path withSuffix(Path path, String suffix) {
        return path.resolveSibling(path.getFileName() + suffix);
    }

    /** As gzip does: the compressed file grows beside the plain one, takes its time, and only then the plain one goes. */
    private void compress(Path plain) throws IOException {
        if (!options.gzip()) {
            return;
        }
        Path compressed = withSuffix(plain, GZIP);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(compressed))) {
            Files.copy(plain, out);
        }
        Files.setLastModifiedTime(compressed, Files.getLastModifiedTime(plain));
        Files.delete(plain);
    }

    private void unlinkOldest(String glob) throws IOException {
        if (options.maxBackups() == 0) {
            return;
        }
        List<Path> backups = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, glob)) {
            found.forEach(backups::add);
        }
        // Times are written so that they sort; the suffix is not part of them.
        backups.sort(Comparator.comparing((Path path) -> path.toString().replace(GZIP, ""))
                .reversed());
        for (Path old : backups.subList(Math.min(options.maxBackups(), backups.size()), backups.size())) {
            Files.deleteIfExists(old);
        }
    }
}
