package io.policylog.bench.drain;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures how fast commands read a log, each several times and in turn. */
@Command(
        name = "bench/run",
        description = "Measures how fast commands read a simulated log, each several times and in turn.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        showDefaultValues = true)
final class DrainBench implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "SCENARIO", description = "What is measured; everything when none is named.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--list", description = "Lists the scenarios and ends.")
    private boolean list;

    @Option(names = "--runs", defaultValue = "5", description = "Runs of each scenario.")
    private int runs;

    @Option(names = "--lines", defaultValue = "1000000", description = "Lines of the log.")
    private long lines;

    @Option(names = "--seed", defaultValue = "1", description = "Seed of the log.")
    private long seed;

    @Option(names = "--data", defaultValue = "bench/target/data", description = "Where logs are kept.")
    private Path dataRoot = Path.of("");

    @Option(names = "--json", defaultValue = "bench/target/drain.json", description = "Where the results go.")
    private Path json = Path.of("");

    private DrainBench() {}

    static CommandLine commandLine() {
        return new CommandLine(new DrainBench()).setExecutionExceptionHandler((e, commandLine, parsed) -> {
            if (e instanceof IOException) {
                commandLine.getErr().println("bench/run: " + e.getMessage());
                return CommandLine.ExitCode.SOFTWARE;
            }
            throw e;
        });
    }

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        if (list) {
            Scenarios.all().forEach(scenario -> out.println(scenario.name() + ": " + scenario.about()));
            return 0;
        }
        if (runs < 1 || lines < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--runs and --lines must be at least 1, found " + runs + " and " + lines);
        }
        List<Scenario> scenarios = chosen();
        DataSet data = DataSet.cached(dataRoot.toAbsolutePath(), seed, lines);
        Report report = new Report(data);
        measure(scenarios, data).forEach(report::add);
        out.print(report.table());
        out.flush();
        report.writeJson(json);
        return 0;
    }

    private Map<Scenario, List<Measurement>> measure(List<Scenario> scenarios, DataSet data) throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        ProcessMeter meter = new ProcessMeter(dataRoot.toAbsolutePath());
        Map<Scenario, List<Measurement>> measurements = new LinkedHashMap<>();
        for (int run = 1; run <= runs; run++) {
            for (Scenario scenario : scenarios) {
                err.println("run " + run + " of " + runs + ": " + scenario.name());
                err.flush();
                measurements
                        .computeIfAbsent(scenario, any -> new ArrayList<>())
                        .add(meter.run(scenario, scenario.select(data)));
            }
        }
        return measurements;
    }

    private List<Scenario> chosen() {
        if (names.isEmpty()) {
            return Scenarios.all();
        }
        List<Scenario> chosen = new ArrayList<>();
        for (String name : names) {
            chosen.add(Scenarios.all().stream()
                    .filter(scenario -> scenario.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new ParameterException(
                            spec.commandLine(), "no scenario '" + name + "': --list shows what there is")));
        }
        return chosen;
    }
}
