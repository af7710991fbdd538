package dev.pdrouter.server.jdk;

import dev.pdrouter.Arrivals;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** An engine's connection that an {@link EventLoop} watches. */
final class EngineArrival implements Arrivals.Arrival, EventLoop.Watcher {

    private final EventLoop loop;
    private final int descriptor;
    private volatile boolean arrived;
    private volatile boolean over;
    private volatile @Nullable Thread waiting;
    private boolean paused;

    EngineArrival(EventLoop loop, int descriptor) {
        this.loop = loop;
        this.descriptor = descriptor;
    }

    @Override
    public void await() {
        if (arrived || over) {
            return;
        }
        Thread thread = Thread.currentThread();
        waiting = thread;
        while (!arrived && !over && !thread.isInterrupted()) {
            LockSupport.park(this);
        }
        waiting = null;
    }

    @Override
    public void ready(int events) {
        if ((events & (LoopSet.PEER_CLOSED | LoopSet.BROKEN)) != 0) {
            over = true;
        }
        arrived = true;
        LockSupport.unpark(waiting);
    }

    @Override
    public void pause() {
        change(LoopSet.BARELY);
        paused = true;
    }

    @Override
    public void forget() {
        arrived = false;
        if (paused) {
            paused = false;
            change(LoopSet.EACH_TIME);
        }
    }

    private void change(int how) {
        try {
            loop.change(descriptor, this, how);
        } catch (IOException e) {
            over = true; // it has ended, so nobody is to wait for it
        }
    }

    @Override
    public void ended() {
        over = true;
        LockSupport.unpark(waiting);
    }

    @Override
    public void close() {
        loop.unregister(descriptor, this);
        ended();
    }
}
