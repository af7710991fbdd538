/** How a request is carried out; not for users, and free to change. */
@NullMarked
package dev.pdrouter.internal;

import org.jspecify.annotations.NullMarked;
