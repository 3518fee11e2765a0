package io.policylog.agent.simulate;

/** The form a line is written in: one for each generation, and that of the marshaller that keeps no key order. */
enum Shape {
    GENERATION_1,
    GENERATION_2,
    GENERATION_3,
    GENERATION_3_UNORDERED
}
