package dev.pdrouter.server.jdk;

import java.util.function.BinaryOperator;
import java.util.function.Supplier;

/**
 * The type of an option: what it takes and how that is read.
 *
 * @param <T> the type of the value
 * @param placeholder the word for a value in help; empty for a switch, which needs none
 * @param accepted what is accepted, for people whose value was not
 * @param reader reads a value
 * @param adds makes one value of two of the same source: the later one, or both when they are lists
 */
record Kind<T>(String placeholder, Supplier<String> accepted, Reader<T> reader, BinaryOperator<T> adds) {

    /** Reads a value. */
    interface Reader<T> {

        /**
         * Reads a value.
         *
         * @param text the value as somebody wrote it
         * @return the value
         * @throws IllegalArgumentException when it is none
         * @throws BadSetting when the reason is another than its spelling
         */
        T read(String text) throws BadSetting;
    }

    /** One value; the last one counts. */
    static <T> Kind<T> of(String placeholder, String accepted, Reader<T> reader) {
        return new Kind<>(placeholder, () -> accepted, reader, (earlier, later) -> later);
    }

    /** Whether the name alone is enough. */
    boolean isSwitch() {
        return placeholder.isEmpty();
    }

    /**
     * Reads a value.
     *
     * @param text the value
     * @param setting how the whole setting is named in a message
     * @return the value
     * @throws BadSetting when it is none
     */
    T read(String text, String setting) throws BadSetting {
        try {
            return reader.read(text);
        } catch (IllegalArgumentException e) {
            throw BadSetting.of(setting, "expected " + accepted.get());
        } catch (BadSetting e) {
            throw BadSetting.of(setting, String.valueOf(e.getMessage()));
        }
    }
}
