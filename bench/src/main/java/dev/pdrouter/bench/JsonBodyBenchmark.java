package dev.pdrouter.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pdrouter.GenerationApi;
import dev.pdrouter.Target;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.PlanRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A request's way to a prefiller, as {@link JsonBody} goes it and as a parse and a print would. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class JsonBodyBenchmark {

    private static final Target PREFILLER = new Target("10.0.0.7", 8000);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Param({"1000", "100000", "1000000"})
    int promptBytes;

    private byte[] body = {};

    /** Makes the client's body. */
    @Setup
    public void request() {
        body = new Scenario("", promptBytes, true, false, 1).body().getBytes(UTF_8);
    }

    @Benchmark
    public JsonBody index() throws IOException {
        return JsonBody.parse(body);
    }

    @Benchmark
    public long editAndWrite() throws IOException {
        JsonBody leg = new PlanRequest("id", GenerationApi.CHAT, JsonBody.parse(body), PREFILLER).oneToken();
        leg.writeTo(OutputStream.nullOutputStream());
        return leg.length();
    }

    @Benchmark
    public byte[] parseAndPrint() throws IOException {
        ObjectNode json = (ObjectNode) MAPPER.readTree(body);
        json.put("stream", false).put("max_tokens", 1).put("min_tokens", 1);
        return print(json);
    }

    private static byte[] print(ObjectNode json) throws JsonProcessingException {
        return MAPPER.writeValueAsBytes(json);
    }
}
