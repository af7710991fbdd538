package dev.pdrouter.server.jdk;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the JDK's server lets through and no proxy should: RFC 9112 section 3.2 and RFC 9110 section 5.5. */
final class RequestCheck {

    private static final Pattern METHOD = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");

    private RequestCheck() {}

    static Optional<String> problem(String method, Map<String, List<String>> headers) {
        if (!METHOD.matcher(method).matches()) {
            return Optional.of("the method is not a token");
        }
        List<String> hosts = headers.get("Host");
        if (hosts == null || hosts.size() != 1) {
            return Optional.of(hosts == null ? "the Host header is missing" : "there is more than one Host header");
        }
        for (String length : headers.getOrDefault("Content-Length", List.of())) {
            if (!DIGITS.matcher(length.strip()).matches()) {
                return Optional.of("Content-Length is not a number");
            }
        }
        for (List<String> values : headers.values()) {
            for (String value : values) {
                if (hasControlCharacter(value)) {
                    return Optional.of("a header has a control character in its value");
                }
            }
        }
        return Optional.empty();
    }

    private static boolean hasControlCharacter(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' && c != '\t' || c == 0x7f) {
                return true;
            }
        }
        return false;
    }
}
