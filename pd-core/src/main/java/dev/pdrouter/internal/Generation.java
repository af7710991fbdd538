package dev.pdrouter.internal;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.PdException;
import dev.pdrouter.Rank;
import dev.pdrouter.Target;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.RoutingMembers;
import dev.pdrouter.connector.TransferParams;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A generation request: where it goes, read in {@link #run}, and what of its body may go there.
 *
 * @param settings of the router
 * @param headers the client's
 * @param rank which of the decoder's ranks it is for
 * @param calls its legs
 * @param inFlight where disaggregated ones are counted
 * @param runner for what goes to the decoder alone
 * @param failover for what goes to a prefiller
 */
record Generation(
        Settings settings,
        HttpHeaders headers,
        Rank rank,
        LegCalls calls,
        InFlight inFlight,
        PlanRunner runner,
        Failover failover) {

    /** Returns when the client has the whole answer. */
    void run(GenerationApi endpoint, ClientBody body) throws PdException, IOException, InterruptedException {
        List<Target> candidates = endpoint.disaggregates() ? Candidates.of(headers, settings) : List.of();
        Optional<Target> kvSource =
                endpoint.disaggregates() ? Candidates.kvSource(headers, settings) : Optional.empty();
        List<Target> encoders = Candidates.encoders(headers, endpoint, settings);
        JsonBody sent = read(body);
        Set<String> reserved = settings.connector().reserved(endpoint);
        boolean disaggregated = !candidates.isEmpty() || kvSource.isPresent();
        Set<String> edited =
                candidates.isEmpty() ? Set.of() : settings.connector().edited(endpoint);
        refuseAmbiguous(RoutingMembers.occurringTwice(endpoint, sent, reserved, edited, disaggregated));
        refuseAmbiguous(encoders.isEmpty() ? Set.of() : RoutingMembers.occurringTwiceToEncode(sent));
        JsonBody clean = TransferParams.takenOutOf(sent, reserved);
        Optional<String> bypass = disaggregated ? settings.connector().bypass(endpoint, clean) : Optional.empty();
        Optional<Target> decodersSource = kvSource.filter(
                source -> !source.equals(rank.decoder()) && !rank.addresses().test(source));
        Optional<Leg> alone = bypass.isPresent()
                ? Optional.of(Leg.of(clean))
                : candidates.isEmpty()
                        ? Optional.of(settings.connector().decodeAlone(endpoint, clean, decodersSource))
                        : Optional.empty();
        Optional<Encoding> encoding = Encoding.of(clean, encoders, calls);
        if (alone.isPresent() && encoding.isEmpty()) {
            runner.decodeAlone(alone.get(), bypass.orElseGet(() -> whyAlone(endpoint)));
            return;
        }
        inFlight.enterDisaggregated(settings.maxInFlight());
        try {
            Patience patience = Patience.forAll(settings.prefillTimeout());
            Encoded encoded = encoding.isPresent() ? encoding.get().run(patience) : Encoded.NOTHING;
            if (alone.isPresent()) {
                runner.decodeAlone(encoded.addedTo(alone.get()), bypass.orElseGet(() -> whyAlone(endpoint)));
            } else {
                failover.run(
                        new Failover.Asked(endpoint, clean, kvSource, decodersSource, encoded, patience), candidates);
            }
        } finally {
            inFlight.leaveDisaggregated();
        }
    }

    private static String whyAlone(GenerationApi endpoint) {
        return endpoint.disaggregates() ? "no prefiller" : "an endpoint for the decoder alone";
    }

    private JsonBody read(ClientBody body) throws PdException, IOException {
        byte[] bytes = body.readWhole(settings.maxRequestBytes(), calls.memory());
        try {
            return JsonBody.parse(bytes);
        } catch (IOException e) {
            throw PdException.Rejected.badRequest(String.valueOf(e.getMessage()));
        }
    }

    /** A member that occurs twice is another to each reader; the router edits it, so it must be the same to all. */
    private static void refuseAmbiguous(Set<String> twice) throws PdException {
        if (!twice.isEmpty()) {
            throw PdException.Rejected.badRequest("the body has more than one " + String.join(", ", twice));
        }
    }
}
