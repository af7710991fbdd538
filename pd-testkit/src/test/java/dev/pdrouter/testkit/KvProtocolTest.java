package dev.pdrouter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What engines of each KV protocol insist on. */
class KvProtocolTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String ONE = "\"max_tokens\":1,\"min_tokens\":1";

    private final Asking client = new Asking();

    @AfterEach
    void close() {
        client.close();
    }

    private static String params(String json) {
        return ",\"kv_transfer_params\":" + json;
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private static KvProtocol protocol(String name) {
        return switch (name) {
            case "nixl" -> KvProtocol.nixl();
            case "nixl-push" -> KvProtocol.nixlPush();
            case "mooncake" -> KvProtocol.mooncake();
            case "moriio" -> KvProtocol.moriio();
            default -> KvProtocol.moriioRead();
        };
    }

    private static String pushedTo(VllmPrefiller prefiller) {
        return "{\"do_remote_prefill\":true,\"transfer_id\":\"xfer-1\",\"remote_bootstrap_addr\":\"http://"
                + prefiller.bootstrap().address() + "\",\"remote_engine_id\":\"" + prefiller.engineId() + "\"}";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nixl | {\"do_remote_prefill\":true}",
                "nixl-push | {\"do_remote_prefill\":true,\"remote_block_ids\":[],\"remote_engine_id\":\"e\",\"remote_host\":\"h\",\"remote_port\":1,\"remote_request_id\":\"r\"}",
                "nixl-push | {\"do_remote_prefill\":true,\"remote_block_ids\":[],\"remote_engine_id\":\"e\",\"remote_host\":\"h\",\"remote_port\":1,\"tp_size\":1}",
                "mooncake | {\"do_remote_decode\":true,\"transfer_id\":\"xfer-1\"}",
                "moriio | {\"do_remote_prefill\":true,\"transfer_id\":\"1\"}",
                "moriio | {\"do_remote_prefill\":true,\"transfer_id\":\"tx1\"}",
                "moriio-read | {}",
            })
    void whatADecoderDoesNotSurvive(String protocol, String params) throws Exception {
        try (VllmDecoder decoder = VllmDecoder.builder().kv(protocol(protocol)).start()) {
            assertThatThrownBy(() -> client.ask(decoder, ONE + params(params))).isInstanceOf(IOException.class);
            await(() -> decoder.violations().size() == 1);
            assertThat(decoder.isDead()).isTrue();
        }
    }

    @Test
    void aMooncakePrefillerDoesNotSurviveADecodersOrder() throws Exception {
        try (VllmPrefiller prefiller =
                VllmPrefiller.builder().kv(KvProtocol.mooncake()).start()) {
            String order = params(pushedTo(prefiller));
            assertThatThrownBy(() -> client.ask(prefiller, ONE + order)).isInstanceOf(IOException.class);
            assertThat(prefiller.isDead()).isTrue();
        }
    }

    @Test
    void aMooncakeDecoderWaitsForThePrefillersPush() throws Exception {
        try (VllmPrefiller prefiller =
                        VllmPrefiller.builder().kv(KvProtocol.mooncake()).start();
                VllmDecoder decoder =
                        VllmDecoder.builder().kv(KvProtocol.mooncake()).start()) {
            CompletableFuture<HttpResponse<String>> answer =
                    client.begin(Asking.request(decoder, "r", "\"max_tokens\":5" + params(pushedTo(prefiller))));
            await(() -> decoder.pending() == 1);
            client.ask(prefiller, ONE + params("{\"do_remote_decode\":true,\"transfer_id\":\"xfer-1\"}"));
            String together = Asking.text(answer.get(20, TimeUnit.SECONDS));
            assertThat(together).isEqualTo(Asking.text(client.ask(decoder, "\"max_tokens\":5")));
            assertThat(prefiller.held()).isZero();
            assertThat(decoder.violations()).isEmpty();
            assertThat(prefiller.violations()).isEmpty();
        }
    }

    @Test
    void aMooncakePrefillerThatEndsByItselfPushesNothing() throws Exception {
        try (VllmPrefiller prefiller =
                VllmPrefiller.builder().kv(KvProtocol.mooncake()).start()) {
            String order = params("{\"do_remote_decode\":true,\"transfer_id\":\"xfer-1\"}");
            assertThat(client.ask(prefiller, "\"max_tokens\":1000" + order).body())
                    .contains("\"stop\"");
            assertThat(prefiller.handoffs()).isEmpty();
        }
    }

    @Test
    void aMooncakeEngineHasANewIdWhenItStartsAgain() throws Exception {
        try (VllmPrefiller prefiller = VllmPrefiller.builder()
                        .kv(KvProtocol.mooncake())
                        .unregistered()
                        .start();
                VllmDecoder decoder =
                        VllmDecoder.builder().kv(KvProtocol.mooncake()).start()) {
            assertThat(query(prefiller)).isEmpty();
            prefiller.register();
            String first = query(prefiller).at("/0/engine_id").asText();
            assertThat(first).isEqualTo(prefiller.engineId());
            String stale = pushedTo(prefiller);
            prefiller.restart();
            assertThat(query(prefiller).at("/0/engine_id").asText())
                    .isEqualTo(prefiller.engineId())
                    .isNotEqualTo(first);
            client.begin(Asking.request(decoder, "r", ONE + params(stale)));
            await(() -> decoder.pending() == 1);
            assertThat(decoder.violations()).singleElement().asString().contains("no prefiller " + first);
        }
    }

    private JsonNode query(VllmPrefiller prefiller) throws Exception {
        return Asking.json(client.ask(
                HttpRequest.newBuilder(prefiller.bootstrap().uri("/query")).build()));
    }

    @Test
    void aMoriIoPrefillerHasToBeToldOfTheDecoder() throws Exception {
        try (VllmPrefiller prefiller =
                        VllmPrefiller.builder().kv(KvProtocol.moriio()).start();
                VllmDecoder decoder =
                        VllmDecoder.builder().kv(KvProtocol.moriio()).start()) {
            String order = "{\"do_remote_decode\":true,\"transfer_id\":\"tx%s\",\"remote_host\":\"127.0.0.1\","
                    + "\"remote_notify_port\":1,\"remote_handshake_port\":%d,\"remote_dp_size\":1,\"tp_size\":1}";
            client.ask(prefiller, ONE + params(order.formatted("1", decoder.port())));
            assertThat(prefiller.violations()).isEmpty();
            client.ask(prefiller, ONE + params(order.formatted("2", prefiller.port())));
            assertThat(prefiller.violations()).singleElement().asString().contains("no decoder");
            assertThat(prefiller.held()).isEqualTo(2);
        }
    }

    @Test
    void nixlPushPairsByTheRequestId() throws Exception {
        try (VllmPrefiller prefiller =
                        VllmPrefiller.builder().kv(KvProtocol.nixlPush()).start();
                VllmDecoder decoder =
                        VllmDecoder.builder().kv(KvProtocol.nixlPush()).start()) {
            JsonNode told = Asking.json(
                            client.ask(Asking.request(prefiller, "mine", ONE + params("{\"do_remote_decode\":true}"))))
                    .get("kv_transfer_params");
            String read = "\"max_tokens\":3" + params(told.toString());
            CompletableFuture<?> other = client.begin(Asking.request(decoder, "another", read));
            await(() -> decoder.pending() == 1);
            assertThat(other).isNotDone();
            assertThat(client.ask(Asking.request(decoder, "mine", read)).statusCode())
                    .isEqualTo(200);
            assertThat(prefiller.held()).isZero();
            other.cancel(true);
            await(() -> decoder.pending() == 0);
        }
    }

    @Test
    void offloadingPairsByTheKvRequestIdAndKnowsItsSources() throws Exception {
        try (VllmPrefiller prefiller =
                        VllmPrefiller.builder().kv(KvProtocol.offloading()).start();
                VllmDecoder decoder =
                        VllmDecoder.builder().kv(KvProtocol.offloading()).start()) {
            String peer = "{\"%s\":{\"kv_request_id\":\"k\",\"remote_host\":\"127.0.0.1\",\"remote_port\":%d}}";
            client.ask(prefiller, ONE + params("{\"remote_decoder\":{\"kv_request_id\":\"k\"}}"));
            client.ask(decoder, "\"max_tokens\":3" + params(peer.formatted("remote_prefiller", prefiller.port())));
            assertThat(prefiller.held()).isZero();
            client.ask(decoder, ONE + params(peer.formatted("remote_kv_source", prefiller.port())));
            assertThat(decoder.violations()).isEmpty();
            assertThat(decoder.transfers()).hasSize(2);
            client.ask(decoder, ONE + params(peer.formatted("remote_kv_source", 1)));
            assertThat(decoder.violations()).singleElement().asString().contains("no KV source at 127.0.0.1:1");
        }
    }

    @Test
    void aDecoderDeclinesWhatIsNotInTheStore() throws Exception {
        SharedStore store = new SharedStore();
        try (VllmPrefiller prefiller =
                        VllmPrefiller.builder().sharedStore(store).start();
                VllmDecoder decoder = VllmDecoder.builder().sharedStore(store).start()) {
            String asks = "\"max_tokens\":3,\"cache_hit_threshold\":0.5";
            for (String stream : new String[] {"", ",\"stream\":true"}) {
                assertThat(client.ask(decoder, asks + stream).body()).contains("\"finish_reason\":\"cache_threshold\"");
            }
            assertThat(decoder.declined()).isEqualTo(2);
            client.ask(prefiller, ONE);
            assertThat(client.ask(decoder, asks).body()).contains("\"finish_reason\":\"length\"");
            assertThat(decoder.localPrefills()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(BlockIds.class)
    void blockIdsAreSpelledAsTheEngineDoes(BlockIds spelling) throws Exception {
        try (VllmPrefiller prefiller =
                VllmPrefiller.builder().blockIds(spelling).start()) {
            JsonNode told = Asking.json(client.ask(prefiller, ONE + params("{\"do_remote_decode\":true}")))
                    .at("/kv_transfer_params/remote_block_ids");
            assertThat(told.toString())
                    .isEqualTo(
                            switch (spelling) {
                                case NESTED -> "[[1]]";
                                case FLAT -> "[1]";
                                case STRINGS -> "[\"1\"]";
                            });
        }
    }
}
