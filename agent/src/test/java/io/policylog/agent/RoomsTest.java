package io.policylog.agent;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.File;
import java.io.FileInputStream;
import java.time.Clock;
import java.util.List;
import java.util.Timer;
import org.junit.jupiter.api.Test;

/** The walls between the rooms, as docs/design.md draws them. */
final class RoomsTest {
    /** The sinks' fixture lies in a jar of tests. */
    private static final ImportOption NO_TEST_JARS = location -> !location.contains("-tests.jar");

    private static final JavaClasses CLASSES = new ClassFileImporter(
                    List.of(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS, NO_TEST_JARS))
            .importPackages("io.policylog");

    private static final String PARSER = "io.policylog.parser..";
    private static final String SINKS = "io.policylog.sinks..";
    private static final String AGENT = "io.policylog.agent..";

    @Test
    void allRoomsAreLookedAt() {
        for (String room : List.of("io.policylog.parser", "io.policylog.sinks", "io.policylog.agent")) {
            assertTrue(CLASSES.stream().anyMatch(c -> c.getPackageName().equals(room)), room);
        }
    }

    @Test
    void theParserUsesNeitherFilesNorThreadsNorClocks() {
        check(noClasses()
                .that()
                .resideInAPackage(PARSER)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.nio.file..", "java.nio.channels..", "java.net..", "java.util.concurrent.."));
        check(noClasses()
                .that()
                .resideInAPackage(PARSER)
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(
                        Thread.class, File.class, FileInputStream.class, Timer.class, Clock.class, Process.class));
        // An InstantSource that it is given is not a clock of its own.
        check(noClasses()
                .that()
                .resideInAPackage(PARSER)
                .should()
                .callMethodWhere(
                        target(nameMatching("nanoTime|currentTimeMillis|now|system|systemUTC|systemDefaultZone"))
                                .and(target(owner(resideInAnyPackage("java.lang", "java.time.."))))));
    }

    @Test
    void theParserUsesJacksonAndRe2jOnly() {
        check(classes()
                .that()
                .resideInAPackage(PARSER)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        PARSER, "java..", "com.fasterxml.jackson..", "com.google.re2j..", "org.jspecify.."));
    }

    @Test
    void theSinksUseParserKafkaClientsAndMicrometerOnly() {
        check(classes()
                .that()
                .resideInAPackage(SINKS)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        SINKS,
                        PARSER,
                        "java..",
                        "javax..",
                        "org.apache.kafka..",
                        "io.micrometer..",
                        "io.prometheus..",
                        "org.slf4j..",
                        "org.jspecify.."));
    }

    @Test
    void oneSinkNeverUsesAnother() {
        check(slices().matching("io.policylog.sinks.(*)..").should().notDependOnEachOther());
        check(noClasses()
                .that()
                .resideInAPackage("io.policylog.sinks")
                .should()
                .dependOnClassesThat(resideInAPackage(SINKS).and(not(resideInAPackage("io.policylog.sinks")))));
    }

    @Test
    void theAgentKnowsTheSinksContractOnly() {
        check(noClasses()
                .that()
                .resideInAPackage(AGENT)
                .should()
                .dependOnClassesThat(resideInAPackage(SINKS).and(not(resideInAPackage("io.policylog.sinks")))));
    }

    @Test
    void theAgentUsesWhatItMayOnly() {
        check(classes()
                .that()
                .resideInAPackage(AGENT)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        AGENT,
                        SINKS,
                        PARSER,
                        "java..",
                        "com.sun.net.httpserver..",
                        "com.fasterxml.jackson..",
                        "picocli..",
                        "io.micrometer.core..",
                        "com.github.luben.zstd..",
                        "org.slf4j..",
                        "ch.qos.logback..",
                        "org.yaml.snakeyaml..",
                        "org.jspecify..")));
    }

    @Test
    void thePartsOfTheAgentHaveAnOrder() {
        check(slices().matching("io.policylog.agent.(*)..").should().beFreeOfCycles());
    }

    @Test
    void nothingStaticChanges() {
        check(noFields()
                .that()
                .areStatic()
                .and()
                .areNotFinal()
                .should()
                .beDeclaredInClassesThat()
                .resideInAPackage("io.policylog.."));
    }

    private static void check(ArchRule rule) {
        // A room that is still empty keeps every rule.
        rule.allowEmptyShould(true).check(CLASSES);
    }
}
