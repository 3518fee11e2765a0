package io.policylog.bench.run;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A directory with a log and what one contender makes of it; removed in the end.
 *
 * @param directory absolute
 */
record Place(Path directory) implements AutoCloseable {
    static final int HTTP_PORT = 19465;

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    static Place in(Path parent) throws IOException {
        Place place = new Place(Files.createTempDirectory(Files.createDirectories(parent), "place-"));
        Files.createDirectories(place.log());
        return place;
    }

    Path log() {
        return directory.resolve("log");
    }

    Path output() {
        return directory.resolve("output");
    }

    /** What the contender says on its standard error. */
    Path messages() {
        return directory.resolve("messages");
    }

    /** Gives the log the files of a data set, without copying them. */
    Place with(DataSet data) throws IOException {
        for (DataSet.LogFile file : data.files()) {
            Files.createLink(log().resolve(file.path().getFileName()), file.path());
        }
        return this;
    }

    /** The samples of a metric of policylog; none while nothing answers. */
    static List<Double> metric(String name) throws InterruptedException {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + HTTP_PORT + "/metrics"))
                    .build();
            return CLIENT.send(request, HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(name))
                    .map(line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    @Override
    public void close() throws IOException {
        DataSet.delete(directory);
    }
}
