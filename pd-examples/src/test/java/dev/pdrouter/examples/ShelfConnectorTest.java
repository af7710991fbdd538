package dev.pdrouter.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.testkit.ConnectorConformance;
import dev.pdrouter.testkit.EnginePair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ShelfConnectorTest {
    private static final Path HOME = Path.of("..");

    @TestFactory
    Stream<DynamicTest> conforms() {
        return ConnectorConformance.of(
                        engines -> KvConnector.named("shelf").configured(engines.options()),
                        (prefill, decode) -> EnginePair.vllm(new ShelfKv(), prefill, decode))
                .checks()
                .map(check -> dynamicTest(check.name(), check::run));
    }

    @Test
    void theDocumentShowsWhatIsTestedHere() throws Exception {
        String sources =
                source("main", "ShelfConnector") + source("main", "ShelfKv") + source("test", "ShelfConnectorTest");
        List<String> blocks = javaBlocks("docs/writing-a-connector.md");
        assertThat(blocks).hasSize(3).allSatisfy(block -> assertThat(sources).contains(block));
    }

    private static String source(String kind, String name) throws IOException {
        return withoutBlanks(Files.readString(
                HOME.resolve("pd-examples/src/" + kind + "/java/dev/pdrouter/examples/" + name + ".java")));
    }

    private static List<String> javaBlocks(String page) throws IOException {
        Matcher code =
                Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(HOME.resolve(page)));
        return code.results().map(block -> withoutBlanks(block.group(1))).toList();
    }

    private static String withoutBlanks(String text) {
        return text.replaceAll("\\s+", "");
    }
}
