package io.policylog.sinks.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kafka.Kafka;
import kafka.tools.StorageTool;

/** A broker's process: formats the log directory if that was not done yet, and runs the broker. */
final class KafkaBrokerMain {
    private KafkaBrokerMain() {}

    /**
     * Runs until it is killed.
     *
     * @param args the properties file, the log directory, and further arguments for the formatting
     */
    public static void main(String[] args) {
        Path properties = Path.of(args[0]);
        if (!Files.exists(Path.of(args[1], "meta.properties"))) {
            List<String> format = new ArrayList<>(
                    List.of("format", "--cluster-id", "cG9saWN5bG9nLXRlc3Rz", "--config", properties.toString()));
            format.addAll(List.of(args).subList(2, args.length));
            if (StorageTool.execute(format.toArray(new String[0]), System.out) != 0) {
                System.exit(1);
            }
        }
        Kafka.main(new String[] {properties.toString()});
    }
}
