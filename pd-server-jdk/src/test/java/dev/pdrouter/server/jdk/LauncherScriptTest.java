package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code bin/pd-router} gives to the JVM, here of an installation with a java that only shows its arguments. */
@DisabledOnOs(OS.WINDOWS)
class LauncherScriptTest {

    private static final String KEEP = "-XX:MaxHeapFreeRatio=100";
    private static final String AT_ONCE = "-XX:-ShrinkHeapInSteps";
    private static final String NEW = "-XX:NewSize=20m";

    @TempDir
    Path installation;

    @BeforeEach
    void install() throws IOException {
        Files.createDirectory(installation.resolve("bin"));
        Files.copy(Path.of("..", "bin", "pd-router"), installation.resolve("pd-router"));
        Files.createFile(installation.resolve("pd-router.jar"));
        Path java = Files.writeString(installation.resolve("bin/java"), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private List<String> arguments(Map<String, String> variables, String... arguments) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder("sh", installation.resolve("pd-router").toString());
        builder.command().addAll(List.of(arguments));
        for (String name :
                List.of("JAVA_OPTS", "PD_JAVA_OPTS", "JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "MALLOC_ARENA_MAX")) {
            builder.environment().remove(name);
        }
        builder.environment().put("JAVA_HOME", installation.toString());
        builder.environment().putAll(variables);
        Process process = builder.redirectErrorStream(true).start();
        List<String> lines = process.inputReader(StandardCharsets.UTF_8).lines().toList();
        assertThat(process.waitFor()).isZero();
        return lines;
    }

    private List<String> jvmOptions(Map<String, String> variables) throws Exception {
        List<String> all = arguments(variables);
        return all.subList(0, all.indexOf("-jar"));
    }

    @Test
    void collectorAndHeapAreSet() throws Exception {
        assertThat(jvmOptions(Map.of())).containsExactly("-XX:+UseSerialGC", KEEP, AT_ONCE, "-Xmx256m", "-Xms38m", NEW);
    }

    @Test
    void glibcKeepsOnePoolOfMemoryUnlessItIsToldOtherwise() throws Exception {
        Files.writeString(installation.resolve("bin/java"), "#!/bin/sh\necho \"$MALLOC_ARENA_MAX\"\n");
        assertThat(arguments(Map.of())).containsExactly("1");
        assertThat(arguments(Map.of("MALLOC_ARENA_MAX", "4"))).containsExactly("4");
    }

    @ParameterizedTest
    @CsvSource({
        "21.0.4, gnu,  false",
        "24,     gnu,  false",
        "25,     gnu,  true",
        "25.0.3, gnu,  true",
        "25.0.3, musl, false",
        "30,     gnu,  true",
        "100.1,  gnu,  true"
    })
    void memoryGoesBackToTheSystemWhereTheJvmKnowsHow(String version, String library, boolean knows) throws Exception {
        release(version, library);
        assertThat(jvmOptions(Map.of()).contains("-XX:TrimNativeHeapInterval=5000"))
                .isEqualTo(knows);
    }

    private void release(String version, String library) throws IOException {
        Files.writeString(
                installation.resolve("release"),
                "IMPLEMENTOR=\"any\"\nJAVA_VERSION=\"" + version + "\"\nLIBC=\"" + library + "\"\n");
    }

    @ParameterizedTest
    @CsvSource({
        "25,     ,                           true",
        "25.0.3, -Xmx1g -Dx=y,               true",
        "25,     -XX:MaxRAMPercentage=50,    true",
        "24.0.1, ,                           false",
        "25,     -XX:+UseG1GC,               true",
        "25,     -XX:+UseZGC,                false",
        "25,     -XX:AOTCache=mine.aot,      false",
        "25,     -XX:AOTMode=off,            false",
        "25,     -Xshare:off,                false",
        "25,     -javaagent:any.jar,         false",
        "25,     -agentlib:jdwp=server=y,    false",
        "25,     -XX:+UseCompactObjectHeaders, false"
    })
    void whatTheJvmLearnedWhenTheJarWasBuiltIsGivenToItWhereItCanUseIt(
            String version, @Nullable String javaOpts, boolean given) throws Exception {
        release(version, "gnu");
        Path cache = cache(0);
        List<String> options = jvmOptions(javaOpts == null ? Map.of() : Map.of("JAVA_OPTS", javaOpts));
        assertThat(options.contains("-XX:AOTCache=" + cache.toRealPath())).isEqualTo(given);
        assertThat(options.containsAll(List.of("-Xlog:aot=off", "-Xlog:cds=off")))
                .isEqualTo(given);
    }

    @ParameterizedTest
    @ValueSource(ints = {-2, 2})
    void whatItLearnedOfAnotherJarIsNotGivenToIt(int secondsAfterTheJar) throws Exception {
        release("25", "gnu");
        cache(secondsAfterTheJar);
        assertThat(jvmOptions(Map.of())).noneMatch(option -> option.contains("AOT"));
    }

    @Test
    void whatAnotherJvmLearnedIsNotGivenToIt() throws Exception {
        release("25.0.3", "gnu");
        cache(0);
        release("25.0.4", "gnu");
        assertThat(jvmOptions(Map.of())).noneMatch(option -> option.contains("AOT"));
        Files.delete(installation.resolve("pd-router.aot.release"));
        assertThat(jvmOptions(Map.of())).noneMatch(option -> option.contains("AOT"));
    }

    /** As the build leaves it for the JVM that is there now. */
    private Path cache(int secondsAfterTheJar) throws IOException {
        Files.copy(installation.resolve("release"), installation.resolve("pd-router.aot.release"));
        FileTime built = Files.getLastModifiedTime(installation.resolve("pd-router.jar"));
        return Files.setLastModifiedTime(
                Files.createFile(installation.resolve("pd-router.aot")),
                FileTime.from(built.toInstant().plusSeconds(secondsAfterTheJar)));
    }

    @Test
    void javaOptsWin() throws Exception {
        assertThat(jvmOptions(Map.of("JAVA_OPTS", "-Xmx1g -Dx=*")))
                .containsExactly("-XX:+UseSerialGC", KEEP, AT_ONCE, "-Xmx1g", "-Dx=*");
        assertThat(jvmOptions(Map.of("JAVA_OPTS", "-XX:+UseZGC")))
                .containsExactly("-Xmx256m", "-Xms38m", "-XX:+UseZGC");
        assertThat(jvmOptions(Map.of("JAVA_OPTS", "-XX:MaxRAMPercentage=50")))
                .containsExactly("-XX:+UseSerialGC", KEEP, AT_ONCE, "-XX:MaxRAMPercentage=50");
        assertThat(jvmOptions(Map.of("JAVA_OPTS", "-XX:MaxNewSize=64m")))
                .containsExactly("-XX:+UseSerialGC", KEEP, AT_ONCE, "-Xmx256m", "-XX:MaxNewSize=64m");
        assertThat(jvmOptions(Map.of("PD_JAVA_OPTS", "-Xmx1g", "JAVA_OPTS", "-Xmx2g")))
                .containsExactly("-XX:+UseSerialGC", KEEP, AT_ONCE, "-Xmx1g", "-Xmx2g");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-XX:MaxHeapFreeRatio=50",
                "-XX:MinHeapFreeRatio=20",
                "-XX:+ShrinkHeapInSteps",
                "-XX:+DisableExplicitGC"
            })
    void whoSaysWhenTheHeapShrinksIsObeyed(String option) throws Exception {
        assertThat(jvmOptions(Map.of("JAVA_OPTS", option)))
                .containsExactly("-XX:+UseSerialGC", "-Xmx256m", "-Xms38m", NEW, option);
    }

    @Test
    void whatEveryJvmIsToldIsNotContradicted() throws Exception {
        assertThat(jvmOptions(Map.of("JDK_JAVA_OPTIONS", "-XX:+UseG1GC -Xmx2g")))
                .isEmpty();
        release("25", "gnu");
        assertThat(jvmOptions(Map.of("JAVA_TOOL_OPTIONS", "-Xms99m -XX:TrimNativeHeapInterval=7")))
                .containsExactly("-XX:+UseSerialGC", KEEP, AT_ONCE, "-Xmx256m");
    }

    @Test
    void theRoutersOwnArgumentsAreLeftAsTheyAre() throws Exception {
        assertThat(arguments(Map.of(), "-port=1", "a b", "*"))
                .containsSubsequence(
                        "-jar",
                        installation.resolve("pd-router.jar").toRealPath().toString())
                .endsWith("-port=1", "a b", "*");
    }
}
