package dev.pdrouter.testkit;

import java.util.List;
import java.util.Optional;

/**
 * The first lines of a request, as they came.
 *
 * @param method for instance {@code POST}
 * @param target the request-target, not decoded
 * @param headers all fields, in order
 */
public record RequestHead(String method, String target, List<HeaderField> headers) {

    /** Copies the list. */
    public RequestHead {
        headers = List.copyOf(headers);
    }

    /**
     * Looks a field up.
     *
     * @param name in any case
     * @return the value of the first of that name
     */
    public Optional<String> header(String name) {
        return headerValues(name).stream().findFirst();
    }

    /**
     * Looks all fields of a name up.
     *
     * @param name in any case
     * @return their values in order; empty when there is none
     */
    public List<String> headerValues(String name) {
        return headers.stream()
                .filter(field -> field.name().equalsIgnoreCase(name))
                .map(HeaderField::value)
                .toList();
    }

    /**
     * The path alone.
     *
     * @return the target without its query, not decoded
     */
    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    boolean says(String name, String token) {
        return headerValues(name).stream()
                .flatMap(value -> List.of(value.split(",")).stream())
                .anyMatch(value -> value.strip().equalsIgnoreCase(token));
    }
}
