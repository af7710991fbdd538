package dev.pdrouter.connector;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.Target;

/**
 * What a connector plans for: one request of a client and one prefiller.
 *
 * @param requestId the {@code x-request-id} of both legs
 * @param api the endpoint
 * @param body the client's object, without the members that a client may not set: what the decoder gets but for the
 *     connector's additions
 * @param prefiller the candidate that is tried
 */
public record PlanRequest(String requestId, GenerationApi api, JsonBody body, Target prefiller) {}
