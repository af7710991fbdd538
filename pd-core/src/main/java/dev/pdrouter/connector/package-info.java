/** The connector SPI: a connector plans what each engine is sent, the router carries the plan out. */
@NullMarked
package dev.pdrouter.connector;

import org.jspecify.annotations.NullMarked;
