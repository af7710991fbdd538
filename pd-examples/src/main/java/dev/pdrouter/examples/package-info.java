/** The demo and embeddings in other servers. */
@NullMarked
package dev.pdrouter.examples;

import org.jspecify.annotations.NullMarked;
