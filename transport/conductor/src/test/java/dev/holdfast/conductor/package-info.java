/** Tests of the client over real sockets. */
@NullMarked
package dev.holdfast.conductor;

import org.jspecify.annotations.NullMarked;
