package dev.pdrouter.connector;

import java.util.List;
import java.util.Random;

/** Objects as odd as JSON allows, the same ones for the same seed. */
final class RandomJson {

    static final List<String> NAMES = List.of(
            "n", "stop", "stream", "max_tokens", "messages", "", "é", "\uD83D\uDE80", "a\"b", "back\\slash", "{},:");

    private static final List<String> NUMBERS = List.of(
            "0",
            "-0",
            "1",
            "12345678901234567890",
            "-9007199254740993",
            "1E5",
            "1e400",
            "-1.5e-999",
            "0.10",
            "1.0",
            "0.1000000000000000055");
    private static final List<String> CHARACTERS = List.of(
            "a",
            "Z",
            " ",
            "/",
            "\\/",
            "\\\"",
            "\\\\",
            "\\b\\f\\n\\r\\t",
            "\\u00e9",
            "\\uD83D\\uDE80",
            "\\ud800",
            "\\uDFFF",
            "é",
            "漢",
            "\uD83D\uDE80",
            "\u007f",
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "null",
            "\uFFFF",
            "\u2028");
    private static final List<String> BLANKS = List.of("", "", "", "", " ", "\n", "\t", "\r\n  ");

    private final Random random;

    RandomJson(long seed) {
        this.random = new Random(seed);
    }

    String body() {
        return blank() + object(0) + blank();
    }

    String object(int depth) {
        StringBuilder json = new StringBuilder("{").append(blank());
        int members = random.nextInt(depth == 0 ? 9 : 4);
        for (int i = 0; i < members; i++) {
            json.append(i == 0 ? "" : ",").append(blank());
            json.append(name()).append(blank()).append(":").append(blank());
            json.append(value(depth + 1)).append(blank());
        }
        return json.append("}").toString();
    }

    String value(int depth) {
        return switch (random.nextInt(depth > 4 ? 4 : 7)) {
            case 0 -> pick(NUMBERS);
            case 1 -> pick(List.of("null", "true", "false"));
            case 2, 3 -> string();
            case 4 -> object(depth);
            case 5 -> array(depth);
            default -> {
                int levels = 1 + random.nextInt(60);
                yield "[".repeat(levels) + blank() + "]".repeat(levels);
            }
        };
    }

    private String array(int depth) {
        StringBuilder json = new StringBuilder("[").append(blank());
        int elements = random.nextInt(4);
        for (int i = 0; i < elements; i++) {
            json.append(i == 0 ? "" : ",")
                    .append(blank())
                    .append(value(depth + 1))
                    .append(blank());
        }
        return json.append("]").toString();
    }

    private String string() {
        StringBuilder json = new StringBuilder("\"");
        boolean isLong = random.nextInt(50) == 0;
        for (int i = random.nextInt(isLong ? 2000 : 8); i > 0; i--) {
            json.append(pick(CHARACTERS));
        }
        return json.append('"').toString();
    }

    /** A name of the few that are edited, often enough twice in one object, some characters escaped; or any other. */
    private String name() {
        if (random.nextInt(4) == 0) {
            return string();
        }
        StringBuilder json = new StringBuilder("\"");
        pick(NAMES).codePoints().forEach(codePoint -> json.append(spelled(Character.toString(codePoint))));
        return json.append('"').toString();
    }

    private String spelled(String character) {
        if (random.nextInt(6) == 0) {
            StringBuilder escaped = new StringBuilder();
            character.chars().forEach(c -> escaped.append("%cu%04x".formatted('\\', c)));
            return escaped.toString();
        }
        return character.equals("\"") || character.equals("\\") ? "\\" + character : character;
    }

    String blank() {
        return pick(BLANKS);
    }

    <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    int below(int bound) {
        return random.nextInt(bound);
    }
}
