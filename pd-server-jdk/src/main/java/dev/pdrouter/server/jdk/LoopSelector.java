package dev.pdrouter.server.jdk;

import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelectionKey;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The selector of the JDK's server, whose thread drives an {@link EventLoop} while it waits: so the server, its requests
 * and their engines' answers take one thread.
 *
 * <p>Does what that server asks of a selector: channels are registered to accept or to read, and not changed.
 */
final class LoopSelector extends AbstractSelector {

    private final EventLoop loop;
    private final Set<SelectionKey> keys = new HashSet<>();
    private final Set<SelectionKey> selected = new HashSet<>();
    private final List<Key> listeners = new ArrayList<>();
    private final Queue<Key> ready = new ConcurrentLinkedQueue<>();

    LoopSelector(EventLoop loop) {
        super(SelectorProvider.provider());
        this.loop = loop;
    }

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
        Key key = new Key(channel, ops);
        key.attach(attachment);
        keys.add(key);
        key.watch();
        return key;
    }

    @Override
    public int select(long timeout) throws IOException {
        forgetCancelled();
        for (Key key : listeners) {
            key.watch();
        }
        listeners.clear();
        loop.drive(timeout, () -> !ready.isEmpty());
        for (Key key = ready.poll(); key != null; key = ready.poll()) {
            key.isWaiting.set(false);
            if (key.isValid()) {
                selected.add(key);
                if (key.ops == SelectionKey.OP_ACCEPT) {
                    listeners.add(key); // more may have come
                }
            }
        }
        return selected.size();
    }

    /** Forgets what was cancelled, which is what it is called for. */
    @Override
    public int selectNow() throws IOException {
        forgetCancelled();
        return 0;
    }

    @Override
    public int select() throws IOException {
        return select(1000);
    }

    @Override
    public Selector wakeup() {
        loop.ring();
        return this;
    }

    private void forgetCancelled() throws IOException {
        Set<SelectionKey> cancelled = cancelledKeys();
        synchronized (cancelled) {
            for (SelectionKey key : cancelled) {
                keys.remove(key);
                selected.remove(key);
                deregister((AbstractSelectionKey) key);
                ((Key) key).unwatch();
                killIfClosed(key.channel());
            }
            cancelled.clear();
        }
    }

    /** A channel that was closed while it was registered keeps its descriptor until now. */
    private static void killIfClosed(Channel channel) throws IOException {
        if (!channel.isOpen() && channel instanceof AbstractSelectableChannel each && !each.isRegistered()) {
            try {
                LoopInternals.KILL.invoke(channel);
            } catch (IOException e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public Set<SelectionKey> keys() {
        return Set.copyOf(keys);
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        return selected;
    }

    @Override
    protected void implCloseSelector() throws IOException {
        keys.forEach(SelectionKey::cancel);
        forgetCancelled();
        loop.left();
    }

    /** A registration. */
    private final class Key extends AbstractSelectionKey implements EventLoop.Watcher {
        private final AbstractSelectableChannel channel;
        private final int descriptor;
        private final int ops;
        private final AtomicBoolean isWaiting = new AtomicBoolean();

        Key(AbstractSelectableChannel channel, int ops) {
            this.channel = channel;
            this.descriptor = JdkInternals.descriptor(channel);
            this.ops = ops;
        }

        @Override
        public void ready(int events) {
            if (isWaiting.compareAndSet(false, true)) {
                ready.add(this);
            }
        }

        @Override
        public void ended() {}

        void watch() {
            try {
                loop.register(descriptor, this, LoopSet.ONCE);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        void unwatch() {
            loop.unregister(descriptor, this);
        }

        @Override
        public AbstractSelectableChannel channel() {
            return channel;
        }

        @Override
        public Selector selector() {
            return LoopSelector.this;
        }

        @Override
        public int interestOps() {
            return ops;
        }

        @Override
        public SelectionKey interestOps(int changed) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int readyOps() {
            return ops;
        }
    }
}
