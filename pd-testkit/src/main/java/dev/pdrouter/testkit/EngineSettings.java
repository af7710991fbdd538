package dev.pdrouter.testkit;

import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** What the server below a {@link ModelEngine} can differ in. */
record EngineSettings(int port, Duration idleTimeout, @Nullable SSLContext tls) {}
