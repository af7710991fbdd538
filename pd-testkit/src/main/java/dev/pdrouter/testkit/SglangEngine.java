package dev.pdrouter.testkit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * An engine that speaks SGLang's protocol of disaggregation, as strictly as SGLang 0.5.23 does, without a model.
 *
 * <p>A prefiller and a decoder of this process meet in the room that both were told, and each waits for the other. A room
 * that was used before ends both. The prefiller's bootstrap server is taken to be at its own port. Every request needs a
 * room; several samples of one prompt would meet in one, and hang.
 */
public final class SglangEngine extends ModelEngine {
    private static final Set<GenerationPath> PATHS = EnumSet.of(
            GenerationPath.CHAT,
            GenerationPath.COMPLETIONS,
            GenerationPath.RESPONSES,
            GenerationPath.MESSAGES,
            GenerationPath.SGLANG);

    private final SglangBuilder settings;
    private final Map<String, Run> running = new ConcurrentHashMap<>();
    private final List<String> aborts = new CopyOnWriteArrayList<>();
    private final AtomicInteger waiting = new AtomicInteger();

    SglangEngine(SglangBuilder settings) throws IOException {
        super(new EngineSettings(0, settings.idleTimeout, null));
        this.settings = settings;
        SideChannel.enter(address());
    }

    /** A request that can be told to end. */
    private static final class Run {
        private volatile boolean aborted;
    }

    /**
     * Begins a prefiller.
     *
     * @return a builder
     */
    public static SglangBuilder prefiller() {
        return new SglangBuilder(KvRole.PREFILLER);
    }

    /**
     * Begins a decoder.
     *
     * @return a builder
     */
    public static SglangBuilder decoder() {
        return new SglangBuilder(KvRole.DECODER);
    }

    /**
     * The ids that {@code /abort_request} was asked for and that were of a running request, whole.
     *
     * @return a snapshot, in order
     */
    public List<String> aborts() {
        return List.copyOf(aborts);
    }

    /** How many requests wait for the other engine. */
    @Override
    public int pending() {
        return waiting.get();
    }

    @Override
    public void close() {
        SideChannel.leave(address());
        super.close();
    }

    @Override
    void answerOther(EngineCall call, String path) throws IOException, InterruptedException {
        if (!path.equals("/abort_request")) {
            OtherPaths.answer(call, path, Set.of(), Map.of());
            return;
        }
        String rid = call.json().path("rid").asText();
        Run run = running.get(rid);
        if (run != null) {
            aborts.add(rid);
            engine().signal().update(() -> run.aborted = true);
        }
        call.answer(200, "text/plain; charset=utf-8", "");
    }

    @Override
    void generate(EngineCall call, GenerationPath path) throws IOException, InterruptedException {
        Traffic.faults(call).forEach(this::violation);
        try {
            if (!PATHS.contains(path)) {
                call.answer(404, "application/json", "{\"detail\":\"Not Found\"}");
                return;
            }
            VllmRequest request = RequestReader.read(call, path);
            RequestReader.checkServing(request, Set.of());
            serve(call, SglangRequest.of(request));
        } catch (Refusal refusal) {
            refusal.answer(call, path);
        }
    }

    private void serve(EngineCall call, SglangRequest asked) throws Refusal, IOException, InterruptedException {
        if (!SideChannel.knows(asked.bootstrap())) {
            violation("there is no bootstrap server at " + asked.bootstrap());
        }
        if (asked.request().samples() > 1) {
            violation("several samples meet in one room, and wait for ever");
        }
        Run run = new Run();
        for (String rid : asked.rids()) {
            if (running.putIfAbsent(rid, run) != null) {
                throw Refusal.ofParameter("rid", "Duplicate request ID.");
            }
        }
        try {
            List<Rooms.Room> rooms = new ArrayList<>();
            for (String number : asked.rooms()) {
                Rooms.Room room = Rooms.at(asked.bootstrap(), number);
                rooms.add(room);
                if (!room.enter(settings.role, this)) {
                    dieWith(room.engines());
                    return;
                }
            }
            answer(
                    new AnswerWriter(call, asked.request(), settings.pace),
                    waiter -> generation(asked, rooms, run, waiter));
        } finally {
            asked.rids().forEach(rid -> running.remove(rid, run));
        }
    }

    /** This one comes last, so that whoever sees it die finds the others dead. */
    private void dieWith(Iterable<ModelEngine> others) throws IOException {
        String why = "a room that was used before";
        for (ModelEngine other : others) {
            if (other != this) {
                other.die(why);
            }
        }
        die(why);
    }

    private Generation generation(SglangRequest asked, List<Rooms.Room> rooms, Run run, EngineCall call)
            throws IOException, InterruptedException {
        VllmRequest request = asked.request();
        List<Choice> choices = new ArrayList<>();
        for (int i = 0; i < rooms.size(); i++) {
            Rooms.Room room = rooms.get(i);
            Prompt prompt = asked.prompts().get(i);
            boolean prefills = settings.role == KvRole.PREFILLER;
            boolean hangs = request.samples() > 1;
            await(
                    call,
                    run,
                    () -> !hangs && (prefills ? room.hasBoth() : room.pushed().isPresent()));
            if (prefills) {
                room.push(prompt);
                choices.add(Choice.of(i, prompt.seed(), 0, request).firstToken());
            } else {
                choices.add(Choice.of(i, seedOfWhatCame(asked.rooms().get(i), room, prompt, request), 0, request));
            }
        }
        int tokens = asked.prompts().stream().mapToInt(Prompt::tokens).sum();
        return new Generation(request, choices, tokens, OptionalInt.empty(), Optional.empty());
    }

    private long seedOfWhatCame(String number, Rooms.Room room, Prompt prompt, VllmRequest request) {
        Prompt came = room.pushed().orElse(prompt);
        if (came.seed() != prompt.seed()) {
            violation("what came into the room is of another prompt");
        }
        transferred(new KvRecord(request.id(), number, came.tokens(), 0, System.nanoTime()));
        return came.seed();
    }

    /** Waits for the other engine, unless the peer leaves or the request is told to end. */
    private void await(EngineCall call, Run run, BooleanSupplier there) throws IOException, InterruptedException {
        engine().signal().update(waiting::incrementAndGet);
        try (SideChannel.Watch watch = SideChannel.watch(engine().signal())) {
            boolean came = watch.signal()
                    .await(
                            () -> there.getAsBoolean()
                                    || run.aborted
                                    || call.gone().isPresent(),
                            settings.patience);
            if (run.aborted || call.gone().isPresent()) {
                throw new PeerLeft();
            }
            if (!came) {
                violation("the other engine has never come into the room");
                throw new PeerLeft();
            }
        } finally {
            engine().signal().update(waiting::decrementAndGet);
        }
    }
}
