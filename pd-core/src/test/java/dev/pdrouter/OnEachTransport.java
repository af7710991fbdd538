package dev.pdrouter;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests that run once over each transport, but for those that say {@link OverSocketsOnly}. */
@ParameterizedClass
@EnumSource
@ExtendWith(OnVirtualThread.class)
abstract class OnEachTransport {

    @Parameter
    TransportKind kind;

    TransportKind.Running transport;

    @BeforeEach
    final void start() {
        transport = kind.start();
    }

    @AfterEach
    final void stop() {
        transport.close();
    }
}
