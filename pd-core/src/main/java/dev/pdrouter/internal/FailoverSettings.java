package dev.pdrouter.internal;

import dev.pdrouter.OnPrefillFailure;
import java.time.Duration;

/**
 * What is done when a prefiller fails.
 *
 * @param sampling whether to begin at a random candidate instead of the first
 * @param maxRetries further tries once every candidate has failed
 * @param backoff the longest pause before the first of them, doubled for each that follows
 * @param atLast what becomes of the request then
 */
public record FailoverSettings(boolean sampling, int maxRetries, Duration backoff, OnPrefillFailure atLast) {}
