package dev.pdrouter.internal;

import dev.pdrouter.Rank;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.TargetPolicy;
import dev.pdrouter.Transport;
import dev.pdrouter.connector.EcConnector;
import dev.pdrouter.connector.KvConnector;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a router was built with.
 *
 * @param ranks where D is, each of its data-parallel ranks
 * @param connector the KV protocol
 * @param ecConnector the encoders' protocol, if there is one
 * @param policy which candidates may be called
 * @param prefillers candidates of requests that name none
 * @param transports how each stage's engines are reached
 * @param maxRequestBytes of a body that is read
 * @param maxPrefillResponseBytes of an answer that is read here
 * @param requireHandoff whether a prefill without one is an error
 * @param failover what is done when a prefiller fails
 * @param maxBufferedBytes of all bodies that are held at once
 * @param maxInFlight disaggregated requests at once, 0 for no limit
 * @param requestBodyTimeout between two pieces of a client's body, zero for none
 * @param prefillTimeout of a request's encoding and prefill, zero for none
 * @param handoffLease how long P keeps a handoff that nobody reads
 * @param decodeTimeout until D's first byte, zero for none
 * @param streamIdleTimeout between two pieces of D's answer, zero for none
 */
public record Settings(
        List<Rank> ranks,
        KvConnector connector,
        Optional<EcConnector> ecConnector,
        TargetPolicy policy,
        List<Target> prefillers,
        Map<Stage, Transport> transports,
        long maxRequestBytes,
        long maxPrefillResponseBytes,
        boolean requireHandoff,
        FailoverSettings failover,
        long maxBufferedBytes,
        int maxInFlight,
        Duration requestBodyTimeout,
        Duration prefillTimeout,
        Duration handoffLease,
        Duration decodeTimeout,
        Duration streamIdleTimeout) {

    Transport transport(Stage stage) {
        Transport transport = transports.get(stage);
        if (transport == null) {
            throw new IllegalStateException("no transport for " + stage);
        }
        return transport;
    }
}
