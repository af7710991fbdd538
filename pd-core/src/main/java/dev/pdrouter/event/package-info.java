/** What the router tells of each request: one listener, a handful of events. */
@NullMarked
package dev.pdrouter.event;

import org.jspecify.annotations.NullMarked;
