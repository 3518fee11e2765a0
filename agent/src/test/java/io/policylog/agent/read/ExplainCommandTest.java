package io.policylog.agent.read;

import static io.policylog.agent.read.Lines.allow;
import static io.policylog.agent.read.Lines.deny;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExplainCommandTest {
    private static final byte[] LOG = (allow(1, "web", "cart")
                    + deny(2, "rogue", "cart", 40)
                    + deny(9, "rogue", "cart", 2)
                    + allow(10, "cart", "db"))
            .getBytes(UTF_8);

    private final TestShell shell = new TestShell();

    private int explain(String... ends) {
        String[] arguments = java.util.Arrays.copyOf(ends, ends.length + 2);
        arguments[ends.length] = "--log";
        arguments[ends.length + 1] = "-";
        return shell.input(LOG).explain(arguments);
    }

    @Test
    void aDenialIsCountedAndPlaced() {
        assertEquals(0, explain("rogue", "shop/cart:8080"));
        assertEquals("""
                denied: shop/rogue to shop/cart:8080/tcp
                  42 times in 2 records, from 2026-01-01T11:00:02Z to 2026-01-01T11:00:09Z
                  decided at ingress of shop/cart, on node node-1
                  no policy for ingress of shop/cart allows it, or one denies it
                """, shell.out());
        assertEquals("", shell.err());
    }

    @Test
    void anAllowedConnectionNamesItsPolicies() {
        assertEquals(0, explain("web-0", "cart-0"));
        assertEquals("""
                allowed: shop/web to shop/cart:8080/tcp
                  once, at 2026-01-01T11:00:01Z
                  decided at ingress of shop/cart, on node node-1
                  allowed by shop/np (NetworkPolicy)
                """, shell.out());
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.1,10.0.0.2:8080", "shop/rogue-0,10.0.0.2", "web,[10.0.0.2]:8080"})
    void endsArePodsWorkloadsOrAddresses(String source, String destination) {
        assertEquals(0, explain(source, destination), shell::err);
    }

    @ParameterizedTest
    @CsvSource({
        "other/web,cart,There is no record of other/web",
        "web,cart:9090,but to another port",
        "cart,web,the other way round",
        "web,db,this log is of node-1",
    })
    void nothingFoundHasItsOwnExitCodeAndAHint(String source, String destination, String hint) {
        assertEquals(3, explain(source, destination));
        assertEquals("", shell.out());
        assertTrue(shell.err().startsWith("policylog: nothing found from " + source + " to "), shell.err());
        assertTrue(shell.err().contains(hint), shell.err());
    }

    @Test
    void anEmptyLogIsHintedAt() {
        assertEquals(3, shell.input(new byte[0]).explain("a", "b", "--log", "-"));
        assertTrue(shell.err().contains("There are no records at all: logging is off"), shell.err());
    }

    @Test
    void nothingIsConcludedFromALogThatCouldNotBeRead() {
        byte[] cut = {0x1f, (byte) 0x8b, 8, 0};
        for (String[] more : new String[][] {{}, {"--since", "2h"}}) {
            String[] arguments = java.util.Arrays.copyOf(new String[] {"a", "b", "--log", "-"}, 4 + more.length);
            System.arraycopy(more, 0, arguments, 4, more.length);
            assertEquals(1, shell.input(cut).explain(arguments));
            assertTrue(shell.err().startsWith("policylog: can't read all of standard input: "), shell.err());
            assertTrue(shell.err().endsWith("- No record could be read, so nothing is known.\n"), shell.err());
        }
    }

    @Test
    void aTimeWithoutRecordsSaysNothingOfTheRest() {
        assertEquals(3, explain("web", "cart", "--until", "2026-01-01T00:00:00Z"));
        assertTrue(shell.err().contains("no records at all of the time that was asked for"), shell.err());
        assertEquals(3, explain("other/web", "cart", "--since", "2h"));
        assertTrue(shell.err().contains(" of the time that was asked for, from "), shell.err());
        assertFalse(shell.err().contains("is deleted"), shell.err());
    }

    @ParameterizedTest
    @CsvSource({"'',cart,SRC", "shop/,cart,SRC", "web,/cart,DEST", "web,'',DEST"})
    void anEndWithoutANameIsWrongUsage(String source, String destination, String which) {
        assertEquals(2, explain(source, destination));
        assertTrue(shell.err().startsWith(which + " must be a pod, workload, node or address"), shell.err());
    }

    @Test
    void namesFromTheLogAreShownEscaped() {
        byte[] hostile = deny(1, "b\u009b2A", "x", 3).getBytes(UTF_8);
        assertEquals(0, shell.input(hostile).explain("10.0.0.1", "x", "--log", "-"));
        assertTrue(shell.out().startsWith("denied: shop/b\\u{9b}2A to "), shell.out());
    }

    @Test
    void aPortThatIsNoneIsWrongUsage() {
        assertEquals(2, explain("a", "b:70000"));
        assertTrue(shell.err().startsWith("the port must be from 1 to 65535; found '70000'"), shell.err());
        for (String port : new String[] {"http", "", "0", "123456", "-1"}) {
            for (String end : new String[] {"b", "[2001:db8::1]", "shop/b"}) {
                assertEquals(2, explain("a", end + ":" + port), end);
                assertTrue(
                        shell.err().startsWith("the port must be from 1 to 65535; found '" + port + "'"), shell.err());
            }
        }
    }
}
