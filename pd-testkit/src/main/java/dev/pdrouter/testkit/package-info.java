/**
 * Engines to test connectors and routers with, over real sockets.
 *
 * <p>{@link dev.pdrouter.testkit.Engine} does what its handler says, byte by byte;
 * {@link dev.pdrouter.testkit.VllmPrefiller} and {@link dev.pdrouter.testkit.VllmDecoder} behave as vLLM does and note
 * what it would not survive.
 *
 * <pre>{@code
 * try (VllmPrefiller prefiller = VllmPrefiller.start(); VllmDecoder decoder = VllmDecoder.start()) {
 *     // send a request through what is to be tested
 *     assertThat(decoder.transfers()).hasSize(1);
 *     assertThat(prefiller.held()).isZero();
 *     assertThat(decoder.violations()).isEmpty();
 * }
 * }</pre>
 */
@NullMarked
package dev.pdrouter.testkit;

import org.jspecify.annotations.NullMarked;
