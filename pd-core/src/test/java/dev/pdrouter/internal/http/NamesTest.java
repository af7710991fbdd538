package dev.pdrouter.internal.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class NamesTest {

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch never = new CountDownLatch(1);

    /** As the system's resolver is when no name server answers. */
    private final Callable<InetAddress[]> silent = () -> {
        asked.countDown();
        never.await();
        return new InetAddress[0];
    };

    @AfterEach
    void answer() {
        never.countDown();
    }

    @Test
    @Timeout(10)
    void aResolverThatIsSilentEndsWithTheTimeToConnect() {
        assertThatThrownBy(() -> Names.within(50, "silent", silent)).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void aClientThatLeavesDoesNotWaitForTheResolver() throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread thread = Thread.startVirtualThread(() -> {
            try {
                Names.within(0, "silent too", silent);
            } catch (Throwable e) {
                thrown.complete(e);
            }
        });
        asked.await();
        thread.interrupt();
        assertThat(thrown.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedIOException.class);
    }

    @Test
    void aNameThatIsUnknownIsAFailureToConnect() {
        assertThatThrownBy(() -> Names.within(0, "unknown", () -> {
                    throw new UnknownHostException("x");
                }))
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void addressesNeedNoResolver() throws Exception {
        assertThat(Names.resolve("127.0.0.1", 1)).hasSize(1);
        assertThat(Names.resolve("::1", 1)).hasSize(1);
    }
}
