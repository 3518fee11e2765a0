package io.policylog.agent.deploy;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The objects that {@code kubectl apply -k} would send. */
record Manifests(String name, List<JsonNode> objects) {
    static final Path HOME = Path.of("..", "k8s").toAbsolutePath().normalize();

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    /** The base and each overlay. */
    static Stream<Manifests> all() throws IOException, InterruptedException {
        List<Path> directories;
        try (Stream<Path> overlays = Files.list(HOME.resolve("overlays"))) {
            directories = Stream.concat(Stream.of(HOME.resolve("base")), overlays.sorted())
                    .toList();
        }
        Stream.Builder<Manifests> all = Stream.builder();
        for (Path directory : directories) {
            all.add(of(directory));
        }
        return all.build();
    }

    static Manifests overlay(String name) throws IOException, InterruptedException {
        return of(HOME.resolve("overlays").resolve(name));
    }

    static Manifests of(Path directory) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("kubectl", "kustomize", directory.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            // Debian 12 has 1.20.
            assumeFalse(output.contains("unknown field \"components\""), "kubectl is older than 1.21");
            assumeFalse(output.contains("must be a file"), "kubectl is older than 1.21");
            assumeFalse(output.contains("cannot unmarshal object into Go struct field"), "kubectl is older than 1.21");
            throw new IOException("kubectl kustomize " + directory + ": " + output);
        }
        try (MappingIterator<JsonNode> documents =
                YAML.readerFor(JsonNode.class).readValues(output)) {
            return new Manifests(HOME.relativize(directory).toString(), documents.readAll());
        }
    }

    /** The one object of a kind. */
    JsonNode one(String kind) {
        List<JsonNode> found = objects.stream()
                .filter(o -> o.path("kind").asText().equals(kind))
                .toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " objects of kind " + kind + " in " + name);
        }
        return found.getFirst();
    }

    JsonNode pod() {
        return one("DaemonSet").at("/spec/template/spec");
    }

    JsonNode container() {
        JsonNode containers = pod().path("containers");
        if (containers.size() != 1) {
            throw new AssertionError("containers: " + containers);
        }
        return containers.get(0);
    }

    /** The data of the ConfigMap whose name begins so. */
    JsonNode configMap(String name) {
        return objects.stream()
                .filter(o -> o.path("kind").asText().equals("ConfigMap"))
                .filter(o -> o.at("/metadata/name").asText().matches(name + "-[a-z0-9]{10}"))
                .map(o -> o.path("data"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no ConfigMap " + name + " with a hash in " + this.name));
    }

    @Override
    public String toString() {
        return name;
    }
}
