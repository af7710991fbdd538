package dev.pdrouter.server.jdk;

import dev.pdrouter.testkit.AnswerPieces;
import dev.pdrouter.testkit.EngineCall;
import dev.pdrouter.testkit.EngineHandler;
import dev.pdrouter.testkit.HeaderField;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Two engines that do what the script of each request says, and count the handoffs that nobody has taken yet. */
final class ChaosEngine {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final HeaderField JSON = new HeaderField("Content-Type", "application/json");

    private final long seed;
    private final Map<Integer, Boolean> held = new ConcurrentHashMap<>();

    ChaosEngine(long seed) {
        this.seed = seed;
    }

    EngineHandler prefiller() {
        return call -> {
            if (isRelease(call)) {
                return;
            }
            ChaosScript script = script(call);
            String answer = "{\"id\":\"p\",\"choices\":[{\"finish_reason\":\"length\"}],\"kv_transfer_params\":"
                    + Stack.HANDOFF.replace("\"r\"", "\"" + script.number() + "\"") + "}";
            held.put(script.number(), true); // first, for the decoder may be told before this thread goes on
            boolean handed = answer(call, script.prefill(), script.pause(), answer, false);
            if (!handed) {
                held.remove(script.number());
            }
        };
    }

    EngineHandler decoder() {
        return call -> {
            if (isRelease(call)) {
                return;
            }
            ChaosScript script = script(call);
            held.remove(script.number());
            answer(call, script.decode(), script.pause(), script.answer(), script.isStreamed());
        };
    }

    /** The requests whose handoff the decoder was never told of. */
    List<Integer> held() {
        return held.keySet().stream().sorted().toList();
    }

    private ChaosScript script(EngineCall call) {
        String id = call.header("x-request-id").orElseThrow();
        return ChaosScript.of(seed, Integer.parseInt(id.substring(id.indexOf('-') + 1)));
    }

    /** What SGLang is told about a leg that is cancelled. */
    private static boolean isRelease(EngineCall call) throws IOException {
        if (!call.head().target().equals("/abort_request")) {
            return false;
        }
        call.answer(200, "application/json", "{}");
        return true;
    }

    /** Answers as told; whether the answer was made whole, be it that nobody got it. */
    private static boolean answer(EngineCall call, ChaosScript.Fault fault, int pause, String text, boolean streamed)
            throws IOException, InterruptedException {
        String half = text.substring(0, text.length() / 2);
        switch (fault) {
            case NONE -> {
                return whole(call, text, streamed, 0);
            }
            case SLOW -> {
                return whole(call, text, streamed, pause);
            }
            case RESET_BEFORE -> call.reset();
            case CLOSE_BEFORE -> call.close();
            case UNAVAILABLE -> error(call, 503);
            case INTERNAL_ERROR -> error(call, 500);
            case BAD_REQUEST -> error(call, 400);
            case NONSENSE -> {
                call.raw("SSH-2.0-OpenSSH_9.2\r\n\r\n");
                call.close();
            }
            case STALL_BEFORE -> call.goneWithin(LONG);
            case STALL -> {
                begin(call, half, streamed);
                call.goneWithin(LONG);
            }
            case TRICKLE -> trickle(call);
            case RESET -> {
                begin(call, half, streamed);
                call.reset();
            }
            case CLOSE -> {
                begin(call, half, streamed);
                call.close();
            }
            case TOO_LONG_A_LENGTH -> {
                call.raw(head(text.length() + 10) + text);
                call.close();
            }
            case TOO_SHORT_A_LENGTH -> {
                call.raw(head(half.length()) + text);
                call.close();
            }
            case MALFORMED_CHUNK -> {
                call.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n" + text.substring(0, 3)
                        + "\r\nzz\r\n");
                call.close();
            }
        }
        return false;
    }

    /** As an engine does that computes nothing for a client that has left. */
    private static boolean whole(EngineCall call, String text, boolean streamed, int pause)
            throws IOException, InterruptedException {
        if (call.goneWithin(Duration.ofMillis(pause))) {
            call.close();
            return false;
        }
        if (!streamed) {
            call.answer(200, List.of(JSON), text.getBytes(StandardCharsets.UTF_8));
            return true;
        }
        AnswerPieces events = call.beginEvents();
        for (String event : Arrays.asList(text.split("(?<=\n\n)"))) {
            events.send(event);
            call.goneWithin(Duration.ofMillis(pause));
        }
        events.end();
        return true;
    }

    private static void begin(EngineCall call, String half, boolean streamed) throws IOException {
        if (streamed) {
            call.beginEvents().send(half);
        } else {
            call.raw(head(2 * half.length()) + half);
        }
    }

    private static void trickle(EngineCall call) throws IOException, InterruptedException {
        AnswerPieces pieces = call.begin(200, List.of(JSON));
        for (int i = 0; i < 40; i++) {
            pieces.send(" ");
            if (call.goneWithin(Duration.ofMillis(25))) {
                call.close();
                return;
            }
        }
        call.close();
    }

    private static void error(EngineCall call, int status) throws IOException {
        call.answer(status, "application/json", "{\"error\":{\"message\":\"on purpose\",\"code\":" + status + "}}");
    }

    private static String head(int length) {
        return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + length + "\r\n\r\n";
    }
}
