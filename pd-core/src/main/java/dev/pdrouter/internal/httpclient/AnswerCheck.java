package dev.pdrouter.internal.httpclient;

import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Optional;

/** What the JDK's client lets through and RFC 9112 does not: answers whose ends two readers would see apart. */
final class AnswerCheck {

    private AnswerCheck() {}

    static Optional<String> problem(int status, HttpHeaders headers) {
        if (status > 599) {
            return Optional.of("its status is out of range");
        }
        List<String> codings = headers.allValues("transfer-encoding");
        List<String> lengths = headers.allValues("content-length");
        if (!codings.isEmpty() && (codings.size() > 1 || !codings.getFirst().equalsIgnoreCase("chunked"))) {
            return Optional.of("its transfer coding is not chunked");
        }
        // The client would go by the length, where RFC 9112 6.3 goes by the coding.
        if (!codings.isEmpty() && !lengths.isEmpty()) {
            return Optional.of("it has a length and a coding");
        }
        if (lengths.stream().distinct().count() > 1 || !lengths.stream().allMatch(AnswerCheck::isNumber)) {
            return Optional.of("it has two lengths, or one that is no number");
        }
        boolean plain = headers.map().entrySet().stream()
                .allMatch(header ->
                        !header.getKey().isEmpty() && header.getValue().stream().noneMatch(AnswerCheck::endsItsLine));
        return plain ? Optional.empty() : Optional.of("a header line is malformed");
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static boolean endsItsLine(String value) {
        return value.chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0);
    }
}
