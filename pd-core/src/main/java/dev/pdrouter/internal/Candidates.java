package dev.pdrouter.internal;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.PdException;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The engines that a request may go to before the decoder, as its routing headers say. */
final class Candidates {

    private Candidates() {}

    /**
     * Reads the routing headers; a candidate that is not an address, or a list that no policy allows, ends the request.
     *
     * @return in the order to try them; empty for the decoder alone
     */
    static List<Target> of(HttpHeaders headers, Settings settings) throws PdException {
        for (String name : List.of(Headers.PREFILLER_HOST_PORT, Headers.PREFILLER_URL)) {
            List<Target> named = named(headers, name);
            if (!named.isEmpty()) {
                return allowed(named, settings);
            }
        }
        boolean decodeOnlyWasAsked = Headers.first(headers, Headers.PREFILLER_HOST_PORT) != null
                || Headers.first(headers, Headers.PREFILLER_URL) != null;
        return decodeOnlyWasAsked ? List.of() : settings.prefillers();
    }

    /** The engine that a request's header names as a source of KV blocks. */
    static Optional<Target> kvSource(HttpHeaders headers, Settings settings) throws PdException {
        List<Target> named = named(headers, Headers.KV_SOURCE);
        if (named.isEmpty()) {
            return Optional.empty();
        }
        if (named.size() > 1) {
            throw PdException.Rejected.badRequest("header " + Headers.KV_SOURCE + " names more than one engine");
        }
        if (!named.stream().allMatch(target -> settings.policy().allows(Stage.PREFILL, target))) {
            throw PdException.Rejected.forbidden("the KV source that the request names may not be called");
        }
        return Optional.of(named.getFirst());
    }

    /**
     * The encoders that a request's header names, each of which must be allowed: they are used in turn. The header is
     * read also where nobody is asked: who wrote it wrong should hear of it.
     *
     * @return none when there is no protocol for them, or the endpoint takes no media
     */
    static List<Target> encoders(HttpHeaders headers, GenerationApi api, Settings settings) throws PdException {
        List<Target> named = api.disaggregates() ? named(headers, Headers.ENCODERS) : List.of();
        if (settings.ecConnector().isEmpty() || api != GenerationApi.CHAT) {
            return List.of();
        }
        if (!named.stream().allMatch(target -> settings.policy().allows(Stage.ENCODE, target))) {
            throw PdException.Rejected.forbidden("an encoder that the request names may not be called");
        }
        return named;
    }

    static List<Target> named(HttpHeaders headers, String name) throws PdException {
        List<String> values = headers.allValues(name);
        if (values.isEmpty()) {
            return List.of();
        }
        List<Target> targets = new ArrayList<>();
        for (String value : values) {
            for (String entry : Headers.list(value)) {
                targets.add(parse(name, entry, targets.size() + 1));
            }
        }
        return targets;
    }

    private static Target parse(String header, String entry, int number) throws PdException {
        String text = header.equals(Headers.PREFILLER_URL) && entry.endsWith("/")
                ? entry.substring(0, entry.length() - 1)
                : entry;
        try {
            return Target.parse(text);
        } catch (IllegalArgumentException e) {
            throw PdException.Rejected.badRequest(
                    "header " + header + ": entry " + number + " is malformed: " + e.getMessage());
        }
    }

    private static List<Target> allowed(List<Target> named, Settings settings) throws PdException {
        List<Target> allowed = named.stream()
                .filter(target -> settings.policy().allows(Stage.PREFILL, target))
                .toList();
        if (allowed.isEmpty()) {
            throw PdException.Rejected.forbidden("no prefiller that the request names may be called");
        }
        return allowed;
    }
}
