package dev.pdrouter.internal;

import dev.pdrouter.Body;
import dev.pdrouter.EngineRequest;
import dev.pdrouter.PdException;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.Transport;
import dev.pdrouter.connector.JsonBody;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What prefillers' hosts answered to lookups, for a short time. */
public final class Lookups {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** Less than any engine takes to start: one that has started again without a request that failed has other ids. */
    private static final long KEPT_NANOS = Duration.ofSeconds(5).toNanos();

    private static final int MAX_ANSWER = 1 << 20;

    private final Transport transport;
    private final Map<Question, Answer> answers = new ConcurrentHashMap<>();

    private record Question(Target target, String path) {}

    private record Answer(JsonBody body, long since) {
        boolean isOld() {
            return System.nanoTime() - since > KEPT_NANOS;
        }
    }

    /**
     * Knows nothing yet.
     *
     * @param transport how hosts are asked
     */
    public Lookups(Transport transport) {
        this.transport = transport;
    }

    /** Answers from what is known, or asks; the alarm is the calling thread's, the patience the prefill's. */
    JsonBody get(Alarm alarm, Patience patience, Target target, String path)
            throws PdException, IOException, InterruptedException {
        Question question = new Question(target, path);
        Answer known = answers.get(question);
        if (known != null && !known.isOld()) {
            return known.body();
        }
        JsonBody body = ask(alarm, patience.atMost(TIMEOUT), question);
        answers.values().removeIf(Answer::isOld);
        answers.put(question, new Answer(body, System.nanoTime()));
        return body;
    }

    private JsonBody ask(Alarm alarm, Patience patience, Question question)
            throws PdException, IOException, InterruptedException {
        EngineRequest request =
                new EngineRequest("GET", question.target(), question.path(), Headers.of(Map.of()), Body.NONE);
        try (EngineCall call = EngineCall.send(Stage.PREFILL, transport, request, alarm, patience)) {
            byte[] bytes = WholeAnswer.read(call, MAX_ANSWER);
            if (call.status() < 200 || call.status() >= 300) {
                throw new IOException("GET " + question.path() + " was answered " + call.status());
            }
            return JsonBody.parse(bytes);
        }
    }

    /** Forgets a host whose engine failed: it may have started again, with other ids. */
    void forget(String host) {
        answers.keySet().removeIf(question -> question.target().host().equals(host));
    }
}
