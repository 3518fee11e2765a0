package io.policylog.agent;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;

/** {@code policylog version}. */
final class VersionCommand implements Callable<Integer> {
    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this).name("version");

    VersionCommand() {
        spec.usageMessage()
                .description("Prints version, commit and JDK.")
                .footer("", "Example:", "  policylog version");
    }

    /** As the command line has it. */
    CommandSpec spec() {
        return spec;
    }

    @Override
    public Integer call() throws IOException {
        Properties build = build();
        var out = spec.commandLine().getOut();
        out.println("policylog " + build.getProperty("version"));
        out.println("commit " + build.getProperty("commit"));
        out.println("JDK " + Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
        return ExitCode.OK;
    }

    /** {@code version} and {@code commit} of this build; the commit is {@code unknown} when it was built without git. */
    static Properties build() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = VersionCommand.class.getResourceAsStream("version.properties")) {
            if (in == null) {
                throw new IOException("the build left out version.properties; build with ./policylog or ./verify");
            }
            properties.load(in);
        }
        return properties;
    }
}
