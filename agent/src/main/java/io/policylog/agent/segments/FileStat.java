package io.policylog.agent.segments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code lstat(2)} says of a file; a symbolic link is never followed.
 *
 * @param key device and inode: what the file is while something holds it
 * @param links how many names it has
 * @param size in bytes
 * @param modified its modification time
 * @param regular whether it is a regular file
 * @param directory whether it is a directory
 * @param uid who owns it
 * @param mode its permission bits
 */
record FileStat(
        Key key, int links, long size, FileTime modified, boolean regular, boolean directory, int uid, int mode) {
    /** Identifies a file on this machine as long as it has a name or is open. */
    record Key(long device, long inode) {
        /** Written out, as is equals: what a record has is spun at each start, for tens of milliseconds. */
        @Override
        public int hashCode() {
            return Long.hashCode(inode) * 31 + Long.hashCode(device);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && inode == key.inode && device == key.device;
        }
    }

    static FileStat of(Path path) throws IOException {
        Map<String, Object> values = Files.readAttributes(
                path,
                "unix:dev,ino,nlink,size,lastModifiedTime,isRegularFile,isDirectory,uid,mode",
                LinkOption.NOFOLLOW_LINKS);
        return new FileStat(
                new Key((Long) get(values, "dev"), (Long) get(values, "ino")),
                (Integer) get(values, "nlink"),
                (Long) get(values, "size"),
                (FileTime) get(values, "lastModifiedTime"),
                (Boolean) get(values, "isRegularFile"),
                (Boolean) get(values, "isDirectory"),
                (Integer) get(values, "uid"),
                (Integer) get(values, "mode") & 07777);
    }

    private static Object get(Map<String, Object> values, String name) {
        Object value = values.get(name);
        if (value == null) {
            throw new IllegalStateException("this file system does not tell " + name);
        }
        return value;
    }
}
