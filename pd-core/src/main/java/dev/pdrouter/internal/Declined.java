package dev.pdrouter.internal;

import dev.pdrouter.PdException.EngineFailed;
import dev.pdrouter.connector.JsonBody;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;

/** Looks into the beginning of a decoder's answer, and puts it back. */
final class Declined {

    /** A decoder that declines says so in few words. */
    private static final int MAX = 64 * 1024;

    private static final int EVENTS = 2;

    private Declined() {}

    /** Reads as little as tells. Of what is not declined nothing is lost. */
    static boolean isDeclined(EngineCall call, Predicate<JsonBody> declined) throws EngineFailed, InterruptedException {
        boolean events = Headers.isEventStream(call.headers());
        ByteArrayOutputStream begun = new ByteArrayOutputStream();
        byte[] piece = new byte[call.pieceSize()];
        boolean ended = false;
        while (!ended && begun.size() <= MAX) {
            int read = call.read(piece);
            ended = read < 0;
            if (!ended) {
                begun.write(piece, 0, read);
                ended = call.isWhole();
            }
            if (events) {
                List<JsonBody> first = EventObjects.in(begun.toByteArray());
                if (first.stream().limit(EVENTS).anyMatch(declined)) {
                    return true;
                }
                if (first.size() >= EVENTS) {
                    break;
                }
            }
        }
        call.unread(begun.toByteArray());
        return !events && ended && isDeclined(begun.toByteArray(), declined);
    }

    private static boolean isDeclined(byte[] answer, Predicate<JsonBody> declined) {
        try {
            return declined.test(JsonBody.parse(answer));
        } catch (IOException e) {
            return false; // the client gets it as it is
        }
    }
}
