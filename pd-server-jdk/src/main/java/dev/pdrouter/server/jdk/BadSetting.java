package dev.pdrouter.server.jdk;

/** Something in the command line, the environment or a file that the sidecar cannot start with. */
final class BadSetting extends Exception {

    private static final long serialVersionUID = 1;
    private static final int SHOWN = 120;

    /**
     * Makes one.
     *
     * @param message the one line for the terminal: what, and what is accepted instead
     */
    BadSetting(String message) {
        super(message);
    }

    /**
     * A setting that was understood but cannot be.
     *
     * @param setting the setting as it was made, for instance {@code -port=70000}
     * @param reason why not
     * @return the exception
     */
    static BadSetting of(String setting, String reason) {
        return new BadSetting(setting + ": " + reason);
    }

    /**
     * Text of somebody else, fit for one line of a terminal.
     *
     * @param text any text
     * @return the beginning of it, without control characters
     */
    static String shown(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
    }
}
