/** Compares the sidecar with others: what a request costs and how long it takes, on the same engines in the same run. */
@NullMarked
package dev.pdrouter.bench;

import org.jspecify.annotations.NullMarked;
