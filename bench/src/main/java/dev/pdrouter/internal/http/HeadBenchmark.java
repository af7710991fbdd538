package dev.pdrouter.internal.http;

import dev.pdrouter.Body;
import dev.pdrouter.EngineRequest;
import dev.pdrouter.Target;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The head of a leg as it is written. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HeadBenchmark {

    private final SendBuffer buffer = new SendBuffer();
    private final EngineRequest request = new EngineRequest(
            "POST",
            new Target("10.0.0.7", 8000),
            "/v1/chat/completions",
            HttpHeaders.of(
                    Map.of(
                            "content-type", List.of("application/json"),
                            "x-request-id", List.of("7f1c8a52-6f2e-4a59-9f0b-0a2d6e3c9b11"),
                            "authorization", List.of("Bearer abcdefghijklmnop"),
                            "user-agent", List.of("OpenAI/Python 2.1.0"),
                            "traceparent", List.of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")),
                    (name, value) -> true),
            Body.NONE);

    @Benchmark
    public int write() throws IOException {
        buffer.clear();
        RequestHead.write(request, buffer);
        return buffer.size();
    }

    /** To see what copying the headers alone costs. */
    @Benchmark
    public HttpHeaders copy() {
        return HttpHeaders.of(request.headers().map(), (name, value) -> true);
    }
}
