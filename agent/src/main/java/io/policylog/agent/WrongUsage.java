package io.policylog.agent;

import io.policylog.parser.Printable;
import io.policylog.parser.Spelling;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with a command line, and where to read on: the help itself would push that off the screen. */
final class WrongUsage implements IParameterExceptionHandler {
    private static final Pattern NO_NUMBER = Pattern.compile("('[^']*') is not an? (?:int|long)$");

    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        if (e instanceof UnmatchedArgumentException unmatched) {
            err.println(message(unmatched));
        } else {
            // picocli names the type of Java that it could not make of it.
            String message = NO_NUMBER.matcher(e.getMessage()).replaceFirst("must be a whole number; found $1");
            message.lines().map(Printable::of).forEach(err::println); // What was typed is in it.
        }
        if (e.getClass() == ParameterException.class
                && !command.getSubcommands().isEmpty()) {
            command.usage(err); // No command: to say which there are is the answer.
        } else {
            err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        }
        err.flush();
        return ExitCode.USAGE;
    }

    private static String message(UnmatchedArgumentException e) {
        CommandLine command = e.getCommandLine();
        String argument = e.getUnmatched().getFirst();
        String found = ": '" + Printable.of(argument) + "'";
        if (e.isUnknownOption()) {
            String name = argument.replaceFirst("=.*", "");
            String meant = meant(name, command.getCommandSpec().optionsMap().keySet());
            boolean takesArguments =
                    !command.getCommandSpec().positionalParameters().isEmpty();
            return "unknown option" + found
                    + (meant.isEmpty() && takesArguments
                            ? "; before an argument that begins with - goes a -- of its own"
                            : meant);
        }
        if (!command.getSubcommands().isEmpty()) {
            return "unknown command" + found
                    + meant(argument, command.getSubcommands().keySet());
        }
        boolean takesOne = !command.getCommandSpec().positionalParameters().isEmpty();
        return "one argument too many" + found + (takesOne ? "; one with blanks in it needs quotes around it" : "");
    }

    private static String meant(String word, Collection<String> known) {
        return Spelling.nearest(word, known)
                .map(near -> "; did you mean " + near + "?")
                .orElse("");
    }
}
