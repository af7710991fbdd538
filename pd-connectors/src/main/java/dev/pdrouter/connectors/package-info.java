/** KV connectors, one class each. */
@NullMarked
package dev.pdrouter.connectors;

import org.jspecify.annotations.NullMarked;
