package dev.pdrouter.testkit;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Where SGLang's engines meet: by the prefiller's bootstrap server and a number, within this process. */
final class Rooms {
    private static final Map<String, Room> ALL = new ConcurrentHashMap<>();

    private Rooms() {}

    /** One meeting. A room that was used is never free again. */
    static final class Room {
        private final Map<KvRole, ModelEngine> inside = new ConcurrentHashMap<>();
        private volatile Optional<Prompt> pushed = Optional.empty();

        /** Lets an engine in; false when one of its role was here before. */
        boolean enter(KvRole role, ModelEngine engine) {
            boolean first = inside.putIfAbsent(role, engine) == null;
            SideChannel.changed();
            return first;
        }

        boolean hasBoth() {
            return inside.size() == KvRole.values().length;
        }

        /** Who is here, to be ended with an engine that came into a used room. */
        Iterable<ModelEngine> engines() {
            return inside.values();
        }

        void push(Prompt prompt) {
            pushed = Optional.of(prompt);
            SideChannel.changed();
        }

        Optional<Prompt> pushed() {
            return pushed;
        }
    }

    static Room at(String bootstrap, String number) {
        return ALL.computeIfAbsent(bootstrap + "/" + number, any -> new Room());
    }
}
