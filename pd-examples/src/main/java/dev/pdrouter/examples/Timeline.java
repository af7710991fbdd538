package dev.pdrouter.examples;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pdrouter.Stage;
import dev.pdrouter.event.PdEvent;
import dev.pdrouter.testkit.EngineCall;
import dev.pdrouter.testkit.KvRecord;
import dev.pdrouter.testkit.VllmDecoder;
import dev.pdrouter.testkit.VllmEngine;
import dev.pdrouter.testkit.VllmPrefiller;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who did what for one request, and when: what the router told, and what the engines themselves have seen.
 *
 * @param requestId whose
 * @param entries what the router told, in order
 * @param prefiller where prompts are computed
 * @param decoder where answers come from
 */
record Timeline(String requestId, List<Journal.Entry> entries, VllmPrefiller prefiller, VllmDecoder decoder) {

    private record Line(long at, String who, String what) {}

    void print(PrintStream out) {
        long start = entries.getFirst().at();
        Stream.of(
                        entries.stream().flatMap(entry -> told(entry).stream()),
                        calls(prefiller, start).map(call -> new Line(call.received(), "prefiller", prefillAsked(call))),
                        handled(prefiller.handoffs(), start)
                                .map(kv -> new Line(kv.at(), "prefiller", "is done, hands off " + size(kv))),
                        calls(decoder, start).map(call -> new Line(call.received(), "decoder", decodeAsked(call))),
                        handled(decoder.transfers(), start)
                                .map(kv -> new Line(kv.at(), "decoder", "has pulled the KV cache: " + size(kv))))
                .flatMap(lines -> lines)
                .sorted((a, b) -> Long.compare(a.at(), b.at()))
                .forEach(line ->
                        out.printf("  %8.1f ms  %-10s %s%n", (line.at() - start) / 1e6, line.who(), line.what()));
    }

    private static Optional<Line> told(Journal.Entry entry) {
        return switch (entry.event()) {
            case PdEvent.Received received ->
                line(entry, "client", "asks the sidecar: " + received.method() + " " + received.path());
            case PdEvent.DecodeAlone alone -> line(entry, "sidecar", "asks the decoder alone: " + alone.reason());
            case PdEvent.StageEnded ended ->
                ended.failure().flatMap(failure -> line(entry, ended.stage().engine(), "is given up: " + failure));
            case PdEvent.PassedOver passed ->
                line(entry, "sidecar", "passes the prefiller over: " + passed.prefiller());
            case PdEvent.FailedOver failed ->
                line(entry, "sidecar", "leaves the prefiller " + failed.from() + ": " + failed.reason());
            case PdEvent.FirstByte first -> line(entry, "client", "begins to get the decoder's answer");
            case PdEvent.Unheard unheard ->
                line(entry, "sidecar", "leaves the prefiller " + unheard.prefiller() + " unheard");
            case PdEvent.Released released -> Optional.empty();
            case PdEvent.Ended ended -> line(entry, "client", end(ended));
            case PdEvent.StageStarted started ->
                started.stage() == Stage.PREFILL
                        ? line(entry, "sidecar", "asks the prefiller " + started.target())
                        : Optional.empty();
        };
    }

    private static Optional<Line> line(Journal.Entry entry, String who, String what) {
        return Optional.of(new Line(entry.at(), who, what));
    }

    private static String end(PdEvent.Ended ended) {
        String status = ended.status().isPresent() ? " (" + ended.status().getAsInt() + ")" : "";
        return switch (ended.outcome()) {
            case ANSWERED -> "has the whole answer" + status;
            case REFUSED -> "is refused by the sidecar" + status;
            case CLIENT_LEFT -> "has left";
            case CUT -> "has half an answer: its connection was dropped";
        };
    }

    private static String prefillAsked(EngineCall call) {
        JsonNode body = call.json();
        boolean keep = body.at("/kv_transfer_params/do_remote_decode").asBoolean();
        return "gets the prompt, with max_tokens " + body.path("max_tokens").asText("unlimited")
                + (keep ? " and do_remote_decode" : "");
    }

    private static String decodeAsked(EngineCall call) {
        boolean handed = call.json().at("/kv_transfer_params/do_remote_prefill").asBoolean();
        return "gets the client's request " + (handed ? "with the handoff" : "without a handoff");
    }

    private static String size(KvRecord kv) {
        return kv.tokens() + " tokens in " + kv.blocks() + (kv.blocks() == 1 ? " block" : " blocks");
    }

    private Stream<EngineCall> calls(VllmEngine engine, long since) {
        return engine.engine().calls().stream()
                .filter(call -> call.received() >= since && call.head().method().equals("POST"))
                .filter(call -> call.header("X-Request-Id").equals(Optional.of(requestId)));
    }

    private Stream<KvRecord> handled(List<KvRecord> records, long since) {
        return records.stream().filter(kv -> kv.at() >= since && kv.requestId().equals(requestId));
    }
}
