package dev.pdrouter.internal;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.PdException;
import dev.pdrouter.PdException.EngineFailed;
import dev.pdrouter.PdRequest;
import dev.pdrouter.Rank;
import dev.pdrouter.Responder;
import dev.pdrouter.event.PdEvent;
import dev.pdrouter.event.PdEvent.Outcome;
import dev.pdrouter.event.PdListener;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request, start to end: read {@link #run}. */
public final class Exchange {

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private final Settings settings;
    private final Shared shared;
    private final InFlight inFlight;
    private final PdRequest request;
    private final String path;
    private final Optional<GenerationApi> api;
    private final Events events;
    private final Failures failures;
    private final Client client;
    private final Responder responder;
    private final Thread thread = Thread.currentThread();
    private final Departure departure = new Departure(thread);
    private final InFlight.Running running = this::cut;
    private volatile @Nullable ClientBody body;

    /**
     * A request that has not begun.
     *
     * @param settings of the router
     * @param listeners told of it
     * @param shared with all other requests
     * @param request what the client sent
     * @param responder where the answer goes
     */
    public Exchange(
            Settings settings, List<PdListener> listeners, Shared shared, PdRequest request, Responder responder) {
        this.settings = settings;
        this.shared = shared;
        this.inFlight = shared.inFlight();
        this.request = request;
        this.path = RequestTarget.path(request.target());
        this.api = request.method().equals("POST")
                ? GenerationApi.ofPath(path).filter(settings.connector()::takes)
                : Optional.empty();
        this.events = new Events(listeners, RequestId.of(request.headers()));
        this.failures = new Failures(events, api.isPresent());
        this.responder = responder;
        this.client = new Client(
                responder,
                failures,
                request.method().equals("HEAD"),
                api.map(ErrorShape::of).orElse(ErrorShape.OPENAI),
                api.isPresent() ? events.requestId() : null,
                departure::close); // who leaves with the last byte has been answered
    }

    /**
     * Handles the request on the calling thread.
     *
     * @throws IOException when the answer was cut, by either side
     * @throws InterruptedException when the client left
     */
    public void run() throws IOException, InterruptedException {
        events.tell(new PdEvent.Received(events.requestId(), request.method(), path));
        Outcome outcome = Outcome.CLIENT_LEFT;
        try (departure) {
            responder.onLeave(departure::left);
            outcome = carryOut();
        } catch (CutAnswer e) {
            outcome = Outcome.CUT;
            throw e;
        } finally {
            outcome = client.isRefusedMeanwhile() ? Outcome.REFUSED : outcome;
            // An interrupt that comes in the middle of a write looks like a client that left.
            outcome = outcome == Outcome.CLIENT_LEFT && inFlight.isCutting() ? Outcome.CUT : outcome;
            Optional<PdEvent.Failure> failure = outcome == Outcome.CLIENT_LEFT ? Optional.empty() : failures.decisive();
            events.tell(
                    new PdEvent.Ended(events.requestId(), outcome, client.answered(), failure, events.sinceReceived()));
            leave();
        }
    }

    private Outcome carryOut() throws IOException, InterruptedException {
        try {
            inFlight.enter(running);
        } catch (PdException e) {
            return refuse(e);
        }
        try {
            route();
            return Outcome.ANSWERED;
        } catch (PdException e) {
            return refuse(e);
        } catch (InterruptedException e) {
            if (!inFlight.isCutting()) {
                throw e;
            }
            return refuse(PdException.Unavailable.draining());
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            LOG.error("request {} met a fault of the router", events.requestId(), e);
            return refuse(new PdException.Internal(e));
        }
    }

    /** Comes last, so that all is told of a request when whoever drains the router hears that it has ended. */
    private void leave() {
        inFlight.leave(running);
        if (inFlight.isCutting()) {
            Thread.interrupted(); // must not spoil an answer that was whole just in time
        }
    }

    /** The time to drain is over. A client that has no answer yet gets one, also when it is still sending. */
    private void cut() {
        ClientBody source = body;
        if (source == null || !source.isReading() || client.answered().isPresent()) {
            thread.interrupt();
            return;
        }
        Thread.startVirtualThread(() -> {
            if (client.refuseAndCut(PdException.Unavailable.draining())) {
                thread.interrupt();
            }
        });
    }

    private Outcome refuse(PdException e) throws IOException {
        if (e instanceof EngineFailed failure) {
            failures.ended(failure);
        } else {
            LOG.info("request {}: {} {}", events.requestId(), e.status(), e.getMessage());
        }
        LOG.debug("request {}: cause", events.requestId(), e);
        if (client.answered().isPresent()) {
            throw new CutAnswer(e);
        }
        client.refuse(e);
        return Outcome.REFUSED;
    }

    private void route() throws PdException, IOException, InterruptedException {
        try (Alarm alarm = shared.alarms().alarm(thread::interrupt);
                Alarm clientAlarm = shared.alarms().alarm(this::clientStalled);
                BodyMemory.Share share = shared.memory().share()) {
            ClientBody source =
                    new ClientBody(request.body(), request.headers(), clientAlarm, settings.requestBodyTimeout());
            body = source;
            Rank rank = Ranks.of(request, settings.ranks());
            LegCalls calls = new LegCalls(settings, rank.decoder(), request, events, departure, shared, share);
            PlanRunner runner = new PlanRunner(calls, client, shared.lookups(), alarm);
            if (api.isEmpty()) {
                UnknownPaths.note(request, path, events);
                runner.passThrough(source);
            } else {
                Failover failover = new Failover(settings, events, failures, client, shared, runner, alarm);
                new Generation(settings, request.headers(), rank, calls, inFlight, runner, failover)
                        .run(api.get(), source);
            }
        }
    }

    /** The handler may be reading the body from a socket that an interrupt closes: answer first. */
    private void clientStalled() {
        Thread.startVirtualThread(() -> {
            client.refuseAndCut(PdException.Rejected.timeout("the body did not come in time"));
            thread.interrupt();
        });
    }

    /** An engine failed when the client had a part of its answer already. */
    private static final class CutAnswer extends IOException {
        private static final long serialVersionUID = 1L;

        CutAnswer(PdException cause) {
            super("the answer was cut: " + cause.getMessage(), cause);
        }
    }
}
