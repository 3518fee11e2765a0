package io.policylog.agent.simulate;

/** Which generations of the writer speak; see docs/record-format.md. */
public enum Generation {
    /** 2020: workloads have names only. */
    FIRST("1"),
    /** 2021–2022: adds namespaces and workloads. */
    SECOND("2"),
    /** 2023 on: adds kinds of policies and nodes; a twentieth comes from a marshaller that keeps no key order. */
    THIRD("3"),
    /** All of them: a tenth the first, a fifth the second, the rest the third. */
    MIXED("mixed");

    private final String label;

    Generation(String label) {
        this.label = label;
    }

    /** The value on the command line. */
    @Override
    public String toString() {
        return label;
    }
}
