package dev.pdrouter.connector;

import dev.pdrouter.PdException;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;

/**
 * The protocol by which encoders hand on what they computed of a chat request's pictures, films and sound: what each is
 * sent, and what becomes of the answers.
 *
 * <p>The router asks the encoders that a request names, in turn and all at once, and goes on with the request when all
 * have succeeded. A connector has no state of a request and is called by many threads at once. It is found by its name
 * among the services of the class path or module path, so it has a public constructor without parameters.
 */
public interface EcConnector {

    /**
     * The name to choose it by.
     *
     * @return lower case, for instance {@code ec-nixl}
     */
    String name();

    /**
     * Splits a request into what encoders are sent. Usually one request for each media part ({@code image_url},
     * {@code audio_url}, {@code video_url}, {@code input_audio}), in the order of the messages; those of one type and
     * one URL are one, while data that a part brings along are not compared. Such a request is the client's, ending after
     * one token and not streamed, with the part as the only one of its only message.
     *
     * @param request the client's object, without the members that a client may not set
     * @return bodies that share the client's bytes; none when there is nothing to encode
     * @throws PdException to refuse the request
     */
    default List<JsonBody> split(JsonBody request) throws PdException {
        return MediaParts.requests(request);
    }

    /**
     * Whether the answers say something that the next engine has to be told.
     *
     * @return false when it is enough that they are of status 2xx: then they are not read, and {@link #merge} is not asked
     */
    boolean readsAnswers();

    /**
     * Tells the engine that computes the prompt what the encoders answered. That is the prefiller, or a decoder that goes
     * without a handoff: from one that has it {@link TransferParams#ENCODED} is taken out again.
     *
     * @param request what that engine is sent otherwise
     * @param answers of status 2xx, in the order of {@link #split}
     * @return what it is sent
     */
    JsonBody merge(JsonBody request, List<JsonBody> answers);

    /**
     * Finds a connector among the services.
     *
     * @param name its {@link #name}
     * @return the connector
     * @throws IllegalArgumentException when there is none of that name; the message lists those there are
     */
    static EcConnector named(String name) {
        Set<String> known = new TreeSet<>();
        for (EcConnector connector : ServiceLoader.load(EcConnector.class)) {
            if (connector.name().equals(name)) {
                return connector;
            }
            known.add(connector.name());
        }
        throw new IllegalArgumentException("no EC connector '" + name + "'; there are " + String.join(", ", known));
    }
}
