package io.policylog.bench.run;

import io.policylog.bench.run.Lab.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures the agent, its peers and what limits them, each several times and in turn. */
@Command(
        name = "bench/run",
        description = "Measures the agent, its peers and what limits them, each several times and in turn.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        showDefaultValues = true)
final class BenchRun implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "SCENARIO", description = "What is measured, or a group; everything when none is named.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--list", description = "Lists the scenarios and ends.")
    private boolean list;

    @Option(names = "--runs", defaultValue = "5", description = "Runs of each scenario.")
    private int runs;

    @Option(names = "--lines", defaultValue = "1000000", description = "Lines of the log that is drained.")
    private long lines;

    @Option(names = "--seconds", defaultValue = "20", description = "How long a steady load is measured.")
    private int seconds;

    @Option(names = "--seed", defaultValue = "1", description = "Seed of the log.")
    private long seed;

    @Option(names = "--data", defaultValue = "bench/target/data", description = "Where logs are kept.")
    private Path dataRoot = Path.of("");

    @Option(names = "--json", defaultValue = "bench/target/run.json", description = "Where the results go.")
    private Path json = Path.of("");

    @Option(
            names = "--agent",
            defaultValue = "bench/target/image/usr/bin/policylog",
            description = "The program that is measured.")
    private Path agent = Path.of("");

    @Option(
            names = "--budget",
            paramLabel = "FILE",
            description = "Measures what the file has floors for, and fails when one is missed.")
    private @Nullable Path budgetFile;

    @Option(
            names = "--patience-seconds",
            defaultValue = "20",
            description = "How long a busy machine is waited for before a run.")
    private int patienceSeconds;

    private BenchRun() {}

    static CommandLine commandLine() {
        return new CommandLine(new BenchRun()).setExecutionExceptionHandler((e, commandLine, parsed) -> {
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
            Scenarios.all()
                    .forEach(scenario ->
                            out.println(scenario.group() + "  " + scenario.name() + ": " + scenario.about()));
            return 0;
        }
        if (runs < 1 || lines < 1 || seconds < 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--runs, --lines and --seconds must be at least 1, found " + runs + ", " + lines + " and "
                            + seconds);
        }
        Budget budget = budgetFile == null ? new Budget(List.of()) : Budget.read(budgetFile);
        names.addAll(budget.scenarios());
        List<Scenario> scenarios;
        try {
            scenarios = Scenarios.named(names);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        Report report = new Report();
        boolean measured = measure(scenarios, report);
        out.print(report.tables());
        out.println();
        budget.floors().forEach(floor -> out.println(floor.verdict(report.figures())));
        out.flush();
        boolean kept = budget.floors().stream()
                .allMatch(floor -> floor.kept(report.figures()).orElse(false));
        return measured && kept ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    /** Whether no run failed. */
    private boolean measure(List<Scenario> scenarios, Report report) throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        boolean measured = true;
        List<Scenario> left = new ArrayList<>(scenarios);
        Settings settings = new Settings(
                Path.of("").toAbsolutePath(),
                Files.createDirectories(dataRoot).toAbsolutePath(),
                seed,
                lines,
                seconds,
                Duration.ofSeconds(patienceSeconds),
                agent.toAbsolutePath().toString());
        left.removeIf(scenario -> missing(scenario, err));
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("lines", lines);
        told.put("seed", seed);
        told.put("seconds", seconds);
        try (Lab lab = new Lab(settings)) {
            told.put("flags", lab.agentFlags());
            for (int run = 1; run <= runs; run++) {
                for (Scenario scenario : left) {
                    err.print("run " + run + " of " + runs + ": " + scenario.name() + " ");
                    err.flush();
                    try {
                        Map<Metric, Double> figures = scenario.measure().run(lab);
                        report.add(scenario, figures);
                        err.println(figures);
                    } catch (IOException | IllegalStateException e) {
                        // One that fails says nothing of the others.
                        err.println("failed: " + e.getMessage());
                        measured = false;
                    }
                    report.writeJson(json, told);
                }
            }
        }
        return measured;
    }

    private static boolean missing(Scenario scenario, PrintWriter err) {
        String needs = scenario.needs();
        boolean missing =
                needs != null && (needs.equals("FLUENT_BIT") ? System.getenv(needs) == null : !Lab.installed(needs));
        if (missing) {
            err.println("left out, without " + needs + ": " + scenario.name());
        }
        return missing;
    }
}
