/** HTTP/1.1 to engines, over blocking sockets that are kept; read {@code EngineClient}. */
@NullMarked
package dev.pdrouter.internal.http;

import org.jspecify.annotations.NullMarked;
