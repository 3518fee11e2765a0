package io.policylog.agent.deploy;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.util.ModelMapper;
import io.policylog.agent.config.Configuration;
import io.policylog.agent.config.ConfigurationLoader;
import io.policylog.agent.config.SinkConfiguration;
import io.policylog.sinks.SinkFactory;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Needs {@code kubectl}, for its kustomize; no cluster. */
final class ManifestsTest {
    /** Not Kubernetes' own: there is no model to check them against. */
    private static final Set<String> CUSTOM =
            Set.of("monitoring.coreos.com/v1 PodMonitor", "monitoring.coreos.com/v1 PrometheusRule");

    @TempDir
    private Path directory;

    static Stream<Manifests> all() throws IOException, InterruptedException {
        return Manifests.all();
    }

    @ParameterizedTest
    @MethodSource("all")
    void areWhatTheApiTakes(Manifests manifests) throws Exception {
        for (JsonNode object : manifests.objects()) {
            check(object);
        }
    }

    @Test
    void aFieldThatTheApiDoesNotHaveIsFound() throws Exception {
        String text = Manifests.overlay("gke").one("DaemonSet").toString();
        JsonElement wrong = JsonParser.parseString(text.replace("readOnlyRootFilesystem", "readOnlyRootFs"));
        assertThrows(IllegalArgumentException.class, () -> validate("apps/v1", "DaemonSet", wrong));
    }

    private static void check(JsonNode object) throws ReflectiveOperationException {
        String version = object.path("apiVersion").asText();
        String kind = object.path("kind").asText();
        if (!CUSTOM.contains(version + " " + kind)) {
            validate(version, kind, JsonParser.parseString(object.toString()));
        }
    }

    /** Refuses fields that a model does not have, misses those it must have, and reads the values as its types. */
    private static void validate(String version, String kind, JsonElement json) throws ReflectiveOperationException {
        int slash = version.indexOf('/');
        Class<?> model = ModelMapper.getApiTypeClass(
                slash < 0 ? "" : version.substring(0, slash), version.substring(slash + 1), kind);
        assertTrue(model != null, "Kubernetes has no " + version + " " + kind);
        try {
            model.getMethod("validateJsonElement", JsonElement.class).invoke(null, json);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw refused;
            }
            throw e;
        }
        assertFalse(JSON.getGson().fromJson(json, model).toString().isEmpty());
    }

    /** The configuration as the pod would load it. */
    private Configuration configuration(Manifests manifests) throws Exception {
        Map<String, String> environment = new HashMap<>(Map.of("NODE_NAME", "node-1", "KUBERNETES_SERVICE_HOST", "x"));
        manifests
                .configMap("policylog-environment")
                .properties()
                .forEach(e -> environment.put(e.getKey(), e.getValue().asText()));
        Path file = Files.writeString(
                directory.resolve("policylog.yaml"),
                manifests.configMap("policylog").path("policylog.yaml").asText());
        List<SinkFactory> factories = ServiceLoader.load(SinkFactory.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
        return new ConfigurationLoader(environment, () -> "", false, factories).load(Optional.of(file), List.of());
    }

    @ParameterizedTest
    @MethodSource("all")
    void agreeWithTheProgram(Manifests manifests) throws Exception {
        Configuration configuration = configuration(manifests);
        JsonNode container = manifests.container();
        assertEquals("node-1", configuration.identity().node());
        assertEquals(
                "spec.nodeName",
                container.at("/env/0/valueFrom/fieldRef/fieldPath").asText());
        assertEquals(
                "[\"run\",\"--config\",\"/etc/policylog/policylog.yaml\"]",
                container.path("args").toString());

        int port = configuration.http().port();
        assertEquals("0.0.0.0", configuration.http().host());
        assertEquals(port, container.at("/ports/0/containerPort").asInt());
        assertEquals("/livez", container.at("/livenessProbe/httpGet/path").asText());
        assertEquals("/readyz", container.at("/readinessProbe/httpGet/path").asText());
        for (String probe : List.of("livenessProbe", "readinessProbe")) {
            assertEquals(container.at("/ports/0/name"), container.path(probe).at("/httpGet/port"));
        }
        assertEquals(
                port,
                manifests
                        .one("NetworkPolicy")
                        .at("/spec/ingress/0/ports/0/port")
                        .asInt());

        Map<String, JsonNode> mounts = new HashMap<>();
        container
                .path("volumeMounts")
                .forEach(m -> mounts.put(m.path("mountPath").asText(), m));
        JsonNode log = requireNonNull(mounts.get(configuration.log().directory().toString()));
        configuration
                .state()
                .directory()
                .ifPresent(state ->
                        assertTrue(state.startsWith(configuration.log().directory()), "hard links need one mount"));
        assertEquals(
                configuration.state().directory().isEmpty(),
                log.path("readOnly").asBoolean());
        assertEquals(
                "config",
                requireNonNull(mounts.get("/etc/policylog")).path("name").asText());
    }

    /** Ports of the brokers that the configuration names are open in the policy, and none when it names none. */
    @ParameterizedTest
    @MethodSource("all")
    void letNothingOutButToTheBrokersAndDns(Manifests manifests) throws Exception {
        Set<Integer> ports = new HashSet<>();
        JsonNode policy = manifests.one("NetworkPolicy").path("spec");
        assertTrue(policy.path("policyTypes").toString().contains("Egress"));
        JsonNode selected = policy.path("podSelector").path("matchLabels");
        JsonNode labels = manifests.one("DaemonSet").at("/spec/template/metadata/labels");
        assertFalse(selected.isEmpty(), "others in the namespace are not its business");
        selected.properties().forEach(label -> assertEquals(label.getValue(), labels.get(label.getKey())));
        for (JsonNode rule : policy.path("egress")) {
            rule.path("ports").forEach(p -> ports.add(p.path("port").asInt()));
        }
        List<String> brokers = new ArrayList<>();
        for (SinkConfiguration sink : configuration(manifests).sinks()) {
            if (sink.type().equals("kafka")) {
                brokers.addAll(List.of(sink.options().text("bootstrapServers").split(",", -1)));
            }
        }
        for (String broker : brokers) {
            assertTrue(ports.contains(Integer.parseInt(broker.substring(broker.lastIndexOf(':') + 1))), broker);
        }
        assertEquals(brokers.isEmpty() ? Set.of() : Set.of(53, 9092, 9093), ports);
    }

    @ParameterizedTest
    @MethodSource("all")
    void runWithAsLittleAsPossible(Manifests manifests) {
        JsonNode pod = manifests.pod();
        JsonNode container = manifests.container();
        JsonNode security = container.path("securityContext");
        assertTrue(security.path("readOnlyRootFilesystem").asBoolean());
        assertFalse(security.path("allowPrivilegeEscalation").asBoolean(true));
        assertEquals("{\"drop\":[\"ALL\"]}", security.path("capabilities").toString());
        assertEquals(
                "RuntimeDefault", pod.at("/securityContext/seccompProfile/type").asText());
        assertFalse(pod.path("automountServiceAccountToken").asBoolean(true));
        for (String host : List.of("hostNetwork", "hostPID", "hostIPC")) {
            assertTrue(pod.path(host).isMissingNode(), host);
        }
        List<String> hostPaths = StreamSupport.stream(pod.path("volumes").spliterator(), false)
                .map(v -> v.at("/hostPath/path").asText())
                .filter(p -> !p.isEmpty())
                .toList();
        assertEquals(List.of("/var/log/network"), hostPaths);
    }

    @ParameterizedTest
    @MethodSource("all")
    void giveAPodTheTimeToEndAndRollFewAtOnce(Manifests manifests) {
        JsonNode daemonSet = manifests.one("DaemonSet").path("spec");
        // DeliveryTest holds the program to 5 s.
        assertTrue(manifests.pod().path("terminationGracePeriodSeconds").asInt() >= 10);
        assertEquals(
                "10%",
                daemonSet.at("/updateStrategy/rollingUpdate/maxUnavailable").asText());
        assertTrue(daemonSet.at("/updateStrategy/rollingUpdate/maxSurge").isMissingNode());
        assertEquals(
                manifests.one("PriorityClass").at("/metadata/name"),
                manifests.pod().path("priorityClassName"));
        assertEquals(
                "[{\"operator\":\"Exists\"}]",
                manifests.pod().path("tolerations").toString());
        JsonNode resources = manifests.container().path("resources");
        assertEquals("160Mi", resources.at("/limits/memory").asText());
        assertFalse(resources.at("/requests/memory").isMissingNode());
        assertFalse(resources.at("/requests/cpu").isMissingNode());
    }

    @Test
    void theMonitorScrapesThePortThatThePodHas() throws Exception {
        Manifests manifests = Manifests.overlay("prometheus-operator");
        JsonNode endpoint = manifests.one("PodMonitor").at("/spec/podMetricsEndpoints/0");
        assertEquals(manifests.container().at("/ports/0/name"), endpoint.path("port"));
        assertEquals("/metrics", endpoint.path("path").asText());
        assertEquals(
                manifests.one("DaemonSet").at("/spec/template/metadata/labels"),
                manifests.one("PodMonitor").at("/spec/selector/matchLabels"));
        assertEquals(
                "policylog",
                manifests.one("PrometheusRule").at("/metadata/namespace").asText());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gke", "gdc", "read-only"})
    void componentsLeaveTheConfigurationOfAnOverlayAsItIs(String overlay) throws Exception {
        Path home = directory.toRealPath().relativize(Manifests.HOME.toRealPath());
        Files.writeString(directory.resolve("kustomization.yaml"), """
                resources: [%1$s/overlays/%2$s]
                components: [%1$s/components/prometheus-operator, %1$s/components/kafka-sasl]
                """.formatted(home, overlay));
        Manifests both = Manifests.of(directory);
        assertEquals(Manifests.overlay(overlay).configMap("policylog"), both.configMap("policylog"));
        assertEquals(
                "kafka.kafka:9093",
                both.configMap("policylog-environment")
                        .path("KAFKA_BOOTSTRAP_SERVERS")
                        .asText());
        assertEquals(
                "policylog-kafka", both.pod().at("/volumes/0/secret/secretName").asText());
        agreeWithTheProgram(both);
    }

    @Test
    void theSecretsThatTheConfigurationNamesAreMounted() throws Exception {
        Manifests manifests = Manifests.overlay("kafka-sasl");
        String text = manifests.configMap("policylog").path("policylog.yaml").asText();
        assertTrue(text.contains("${file:/var/run/secrets/kafka/password}"));
        assertTrue(text.contains("${file:/var/run/secrets/kafka/ca.pem}"));
        assertEquals(
                "/var/run/secrets/kafka",
                manifests.container().at("/volumeMounts/0/mountPath").asText());
    }

    /** An overlay with a patch of its DaemonSet that lies beside the base. */
    private Manifests patched(String overlay, String patch) throws Exception {
        Files.copy(Manifests.HOME.resolve(patch), directory.resolve(patch));
        Files.writeString(directory.resolve("kustomization.yaml"), """
                resources: [%s/overlays/%s]
                patches: [{path: %s, target: {kind: DaemonSet}}]
                """.formatted(
                        directory.toRealPath().relativize(Manifests.HOME.toRealPath()), overlay, patch));
        Manifests patched = Manifests.of(directory);
        check(patched.one("DaemonSet"));
        return patched;
    }

    private static void assertRunsAs(JsonNode agent, JsonNode container) {
        for (String same : List.of("image", "env", "envFrom", "securityContext", "volumeMounts")) {
            assertEquals(agent.path(same), container.path(same), same);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gke", "gdc", "kafka-sasl", "read-only"})
    void movesAPositionBeforeTheAgentThatItLeavesAsItIs(String overlay) throws Exception {
        Manifests patched = patched(overlay, "position.yaml");
        JsonNode agent = Manifests.overlay(overlay).container();
        assertEquals(agent, patched.container());
        JsonNode position = patched.pod().at("/initContainers/0");
        assertEquals(
                "[\"position\",\"set\",\"kafka\",\"beginning\",\"--config\"," + agent.at("/args/2") + "]",
                position.path("args").toString());
        assertRunsAs(agent, position);
        for (String none : List.of("livenessProbe", "readinessProbe", "ports")) {
            assertTrue(position.path(none).isMissingNode(), none);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gke", "gdc", "kafka-sasl", "stdout-only"})
    void purgesWithTheImageMountsAndUserOfTheAgent(String overlay) throws Exception {
        Manifests patched = patched(overlay, "purge.yaml");
        JsonNode agent = Manifests.overlay(overlay).container();
        JsonNode purge = patched.pod().at("/initContainers/0");
        assertEquals(
                "[\"state\",\"purge\",\"--config\"," + agent.at("/args/2") + "]",
                purge.path("args").toString());
        assertRunsAs(agent, purge);
        assertEquals(
                "[\"read\",\"--follow\",\"--log=/tmp\"]",
                patched.container().path("args").toString());
        // An init container may have no probes, and what only waits answers none.
        for (JsonNode container : List.of(purge, patched.container())) {
            assertTrue(container.path("livenessProbe").isMissingNode());
            assertTrue(container.path("readinessProbe").isMissingNode());
        }
        assertEquals(
                "100%",
                patched.one("DaemonSet")
                        .at("/spec/updateStrategy/rollingUpdate/maxUnavailable")
                        .asText());
    }
}
