package dev.pdrouter.connector;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.PdException;
import dev.pdrouter.Target;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;

/**
 * The protocol of one KV transfer: which JSON each engine is sent.
 *
 * <p>A connector has no state of a request and is called by many threads at once. It is found by its name among the
 * services of the class path or module path, so it has a public constructor without parameters.
 */
public interface KvConnector {

    /**
     * The name to choose it by.
     *
     * @return lower case, for instance {@code nixlv2}
     */
    String name();

    /**
     * This connector with options, such as the ports of its engines.
     *
     * @param options values by name, each spelled as a user would; the names of other connectors are among them
     * @return a connector of the same name; this one when it has no options
     * @throws IllegalArgumentException when a value is none, or one is missing; the message is for the user
     */
    default KvConnector configured(Map<String, String> options) {
        return this;
    }

    /**
     * Whether requests to an endpoint are read, and planned or sent to the decoder with what this connector says. One that
     * is not taken goes to the decoder unread, like every path that is not for generation.
     *
     * @param api the endpoint
     * @return unless overridden, whether it is any but {@link GenerationApi#SGLANG_GENERATE}
     */
    default boolean takes(GenerationApi api) {
        return api != GenerationApi.SGLANG_GENERATE;
    }

    /**
     * Plans a request that has a prefiller and nothing that {@link #bypass} names.
     *
     * @param request the request and one candidate; a request that fails over is planned again for the next one
     * @return what to do
     * @throws PdException to refuse the request
     * @throws IOException when the prefiller cannot be asked for what the plan needs: it counts as failed
     * @throws InterruptedException when the thread was interrupted
     */
    Plan plan(PlanRequest request) throws PdException, IOException, InterruptedException;

    /**
     * Says why a request must go to the decoder alone although it names a prefiller.
     *
     * @param api the endpoint
     * @param body the client's object
     * @return the reason in a few words, or empty to have it planned
     */
    default Optional<String> bypass(GenerationApi api, JsonBody body) {
        return Bypass.reason(api, body);
    }

    /**
     * What the decoder is sent when a request names no prefiller and nothing that {@link #bypass} names.
     *
     * @param api the endpoint, any one: some are for the decoder alone
     * @param body the client's object
     * @param kvSource an engine that holds KV blocks of the prompt, if the request names one and it is not the decoder
     * @return the client's object when the protocol says nothing about it
     * @throws PdException to refuse the request
     */
    default Leg decodeAlone(GenerationApi api, JsonBody body, Optional<Target> kvSource) throws PdException {
        return Leg.of(body);
    }

    /**
     * What the decoder is sent when every prefiller has failed and it is to compute the prompt itself.
     *
     * @param api the endpoint, one that {@link GenerationApi#disaggregates}
     * @param body the client's object
     * @param kvSource an engine that holds KV blocks of the prompt, if the request names one
     * @return as {@link #decodeAlone}; empty when a decoder of this protocol answers nothing without a prefiller
     * @throws PdException to refuse the request
     */
    default Optional<Leg> withoutPrefill(GenerationApi api, JsonBody body, Optional<Target> kvSource)
            throws PdException {
        return Optional.of(decodeAlone(api, body, kvSource));
    }

    /**
     * The top-level members, beside {@code kv_transfer_params} and {@code ec_transfer_params}, that engines of this
     * protocol take orders from. They are taken out of every client's request, decode alone included.
     *
     * @param api the endpoint
     * @return their names; one that ends with a star, such as {@code bootstrap_*}, stands for all that begin so
     */
    default Set<String> reserved(GenerationApi api) {
        return Set.of();
    }

    /**
     * The top-level members that this connector reads or sets in a request with a prefiller, beside those of
     * {@link #reserved}, {@link #bypass} and {@link PlanRequest#oneToken}. A request that has one of them twice is
     * refused, since engines and proxies disagree on which one counts.
     *
     * @param api the endpoint
     * @return their names
     */
    default Set<String> edited(GenerationApi api) {
        return Set.of();
    }

    /**
     * Finds a connector among the services.
     *
     * @param name its {@link #name}
     * @return the connector
     * @throws IllegalArgumentException when there is none of that name; the message lists those there are
     */
    static KvConnector named(String name) {
        Set<String> known = new TreeSet<>();
        for (KvConnector connector : ServiceLoader.load(KvConnector.class)) {
            if (connector.name().equals(name)) {
                return connector;
            }
            known.add(connector.name());
        }
        throw new IllegalArgumentException("no connector '" + name + "'; there are " + String.join(", ", known));
    }
}
