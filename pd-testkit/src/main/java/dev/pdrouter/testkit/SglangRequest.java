package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/**
 * A request and what SGLang's disaggregation needs of it, one entry for each prompt.
 *
 * @param request what was asked
 * @param prompts one, or several when it has a list of them
 * @param bootstrap {@code host:port} of the prefiller's bootstrap server
 * @param rooms where to meet
 * @param rids what the requests are called; empty when they have no names
 */
record SglangRequest(
        VllmRequest request, List<Prompt> prompts, String bootstrap, List<String> rooms, List<String> rids) {

    /** Reads the members; a request without a room is refused. */
    static SglangRequest of(VllmRequest request) throws Refusal {
        JsonNode room = request.body().path("bootstrap_room");
        if (!room.isIntegralNumber() && !room.isArray()) {
            throw Refusal.ofParameter("bootstrap_room", "Disaggregated request received without a bootstrap room.");
        }
        List<Prompt> prompts = Prompt.of(request.path(), request.body());
        String rid = request.path() == GenerationPath.RESPONSES ? "request_id" : "rid";
        return new SglangRequest(
                request,
                prompts,
                first(request.body().path("bootstrap_host")).asText() + ":"
                        + first(request.body().path("bootstrap_port")).asText(),
                room.isArray() ? texts(room) : following(room.bigIntegerValue(), prompts.size()),
                rids(request.body().path(rid), prompts.size()));
    }

    private static JsonNode first(JsonNode value) {
        return value.isArray() ? value.path(0) : value;
    }

    private static List<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    private static List<String> following(BigInteger room, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> room.add(BigInteger.valueOf(i)).toString())
                .toList();
    }

    private static List<String> rids(JsonNode rid, int count) {
        if (!rid.isTextual()) {
            return texts(rid);
        }
        return count == 1
                ? List.of(rid.asText())
                : IntStream.range(0, count)
                        .mapToObj(i -> rid.asText() + "_" + i)
                        .toList();
    }
}
