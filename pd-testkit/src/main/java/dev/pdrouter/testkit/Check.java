package dev.pdrouter.testkit;

/**
 * Something that is checked, with a name: for instance a {@code DynamicTest} of JUnit.
 *
 * @param name a sentence about behaviour
 * @param body fails with an {@link AssertionError} that says what was seen
 */
public record Check(String name, Body body) {

    /** What is done. */
    @FunctionalInterface
    public interface Body {

        /**
         * Checks it, within a minute.
         *
         * @throws Exception when it cannot be checked
         */
        void run() throws Exception;
    }

    /**
     * Checks it, on the calling thread.
     *
     * @throws Exception when it cannot be checked
     */
    public void run() throws Exception {
        body.run();
    }

    static void that(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
