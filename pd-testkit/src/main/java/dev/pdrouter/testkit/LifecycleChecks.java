package dev.pdrouter.testkit;

import dev.pdrouter.connector.KvConnector;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Who leaves or fails leaves nothing behind: the checks of one kind of request. */
final class LifecycleChecks {
    private static final Pace UNTIL_GONE = (call, token) -> call.goneWithin(ConformanceStack.PATIENCE);

    private final Function<EnginePair, KvConnector> connectors;
    private final EnginePair.Starter engines;
    private final ConformanceRequest request;

    LifecycleChecks(
            Function<EnginePair, KvConnector> connectors, EnginePair.Starter engines, ConformanceRequest request) {
        this.connectors = connectors;
        this.engines = engines;
        this.request = request;
    }

    List<Check> all() {
        return List.of(
                new Check("a client that leaves during prefill releases both: " + request, this::leavesInPrefill),
                new Check("a client that leaves during decode releases the decoder: " + request, this::leavesInDecode),
                new Check("a prefiller's error is the answer and ends the decoder: " + request, this::prefillerFails),
                new Check("a prefiller that is gone is an error at once: " + request, this::prefillerIsGone),
                new Check("a decoder's error is the answer and ends the prefiller: " + request, this::decoderFails),
                new Check("a client's own orders reach no engine: " + request, this::ordersOfAClient));
    }

    private ConformanceStack stack(Pace prefill, Pace decode) throws IOException {
        return new ConformanceStack(engines.start(prefill, decode), connectors);
    }

    private void leavesInPrefill() throws Exception {
        try (ConformanceStack stack = stack(UNTIL_GONE, Pace.none())) {
            Thread client = stack.postAndWait(request);
            EngineCall leg = ConformanceStack.leg(stack.engines.prefiller(), request);
            client.interrupt();
            leg.awaitGone(ConformanceStack.PATIENCE);
            stack.awaitNothingLeft();
            nobodyIsAskedAnyMore(stack);
        }
    }

    private void leavesInDecode() throws Exception {
        CountDownLatch decoding = new CountDownLatch(1);
        Pace stalls = (call, token) -> {
            if (token == 1) {
                decoding.countDown();
                UNTIL_GONE.await(call, token);
            }
        };
        try (ConformanceStack stack = stack(Pace.none(), stalls)) {
            Thread client = stack.postAndWait(request);
            Check.that(decoding.await(20, TimeUnit.SECONDS), "the decoder has not begun to generate");
            client.interrupt();
            ConformanceStack.leg(stack.engines.decoder(), request).awaitGone(ConformanceStack.PATIENCE);
            stack.awaitNothingLeft();
            stack.checkNoViolations();
        }
    }

    private void prefillerFails() throws Exception {
        try (ConformanceStack stack = stack(Pace.none(), Pace.none())) {
            stack.engines.prefiller().answerNext(call -> call.answer(500, "text/plain", "theirs"));
            String answer = new Answer(stack.post(request, true)).textWithStatus(500);
            Check.that(answer.equals("theirs"), "the answer is " + answer);
            stack.awaitNothingLeft();
            nobodyIsAskedAnyMore(stack);
        }
    }

    private void prefillerIsGone() throws Exception {
        try (ConformanceStack stack = stack(Pace.none(), Pace.none())) {
            stack.engines.prefiller().engine().refuse();
            new Answer(stack.post(request, true)).textWithStatus(502);
            stack.awaitNothingLeft();
            nobodyIsAskedAnyMore(stack);
        }
    }

    private void decoderFails() throws Exception {
        try (ConformanceStack stack = stack(Pace.none(), Pace.none())) {
            stack.engines.decoder().answerNext(call -> call.answer(500, "text/plain", "theirs"));
            try (InputStream body = stack.post(request, true).body()) {
                String answer = new String(body.readAllBytes(), StandardCharsets.UTF_8);
                Check.that(answer.equals("theirs"), "the answer is " + answer);
            }
            stack.checkNoViolations();
        }
    }

    private void ordersOfAClient() throws Exception {
        try (ConformanceStack stack = stack(Pace.none(), Pace.none())) {
            StringBuilder orders = new StringBuilder("\"kv_transfer_params\":{\"do_remote_prefill\":true},");
            stack.connector.reserved(request.api()).forEach(name -> orders.append('"')
                    .append(name.replace('*', 'x'))
                    .append("\":\"mine\","));
            ConformanceRequest ordering = new ConformanceRequest(request.api(), request.streamed(), orders.toString());
            HttpResponse<InputStream> answer = stack.post(ordering, false);
            answer.body().close();
            if (stack.engines.decoder().engine().calls().isEmpty()) {
                Check.that(answer.statusCode() == 400, "the decoder was not asked, and the client not refused");
                return;
            }
            byte[] came = ConformanceStack.leg(stack.engines.decoder(), request).body();
            RawMembers members = RawMembers.of(came);
            Check.that(
                    members.all().stream().noneMatch(member -> orders.indexOf("\"" + member.name() + "\":") >= 0),
                    "the decoder was sent " + members.without(Set.of()));
            Check.that(!stack.engines.decoder().isDead(), "the decoder's engine has ended");
            stack.checkNoViolations();
        }
    }

    /** A request that is over has no open call. */
    private void nobodyIsAskedAnyMore(ConformanceStack stack) throws InterruptedException {
        for (ModelEngine engine : List.of(stack.engines.prefiller(), stack.engines.decoder())) {
            for (EngineCall call : engine.engine().calls()) {
                call.awaitOver(ConformanceStack.PATIENCE);
            }
        }
        stack.checkNoViolations();
    }
}
