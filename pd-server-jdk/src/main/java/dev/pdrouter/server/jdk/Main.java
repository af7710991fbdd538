package dev.pdrouter.server.jdk;

/** Launches the sidecar. */
final class Main {
    private Main() {}

    public static void main(String[] args) throws BadSetting {
        System.out.print(HelpText.text());
    }
}
