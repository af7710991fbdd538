package dev.pdrouter;

import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.event.PdListener;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Routes requests through a prefiller and a decoder. */
public final class PdRouter implements AutoCloseable {

    PdRouter(Builder builder) {}

    /**
     * Begins a router.
     *
     * @return a builder; decoder, connector and targets have to be set
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Handles one request.
     *
     * @param request the request
     * @param responder where the answer goes
     * @throws IOException when the answer was cut
     * @throws InterruptedException when the client left
     */
    public void handle(PdRequest request, Responder responder) throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /**
     * Refuses newcomers and waits for the rest.
     *
     * @param timeout how long
     * @return whether all have ended
     * @throws InterruptedException when the thread was interrupted
     */
    public boolean drain(Duration timeout) throws InterruptedException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}

    /** What a router is made of. */
    public static final class Builder {
        Builder() {}

        /** @param decoder where it is @return this */
        public Builder decoder(Target decoder) {
            return this;
        }

        /** @param connector the protocol @return this */
        public Builder kvConnector(KvConnector connector) {
            return this;
        }

        /** @param policy which engines may be called @return this */
        public Builder targets(TargetPolicy policy) {
            return this;
        }

        /** @param prefillers candidates when a request names none @return this */
        public Builder prefillers(List<Target> prefillers) {
            return this;
        }

        /** @param stage a stage @param transport how its engines are reached @return this */
        public Builder transport(Stage stage, Transport transport) {
            return this;
        }

        /** @param listener is told of each request @return this */
        public Builder listener(PdListener listener) {
            return this;
        }

        /** @param bytes of a body that is read; 256 MiB when not set @return this */
        public Builder maxRequestBytes(long bytes) {
            return this;
        }

        /** @param bytes of a prefiller's answer; 64 MiB when not set @return this */
        public Builder maxPrefillResponseBytes(long bytes) {
            return this;
        }

        /** @param requests disaggregated at once; 0 for no limit @return this */
        public Builder maxInFlight(int requests) {
            return this;
        }

        /** @param timeout between two pieces of a client's body; zero for none @return this */
        public Builder requestBodyTimeout(Duration timeout) {
            return this;
        }

        /** @param timeout of the prefill leg; zero for none @return this */
        public Builder prefillTimeout(Duration timeout) {
            return this;
        }

        /** @param timeout until the decoder's first byte; zero for none @return this */
        public Builder decodeTimeout(Duration timeout) {
            return this;
        }

        /** @param timeout between two pieces of the decoder's answer; zero for none @return this */
        public Builder streamIdleTimeout(Duration timeout) {
            return this;
        }

        /** @return the router */
        public PdRouter build() {
            return new PdRouter(this);
        }
    }
}
