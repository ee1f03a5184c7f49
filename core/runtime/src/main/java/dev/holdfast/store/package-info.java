/** Where attempts are recorded and finished results wait for the server's answer. */
@NullMarked
package dev.holdfast.store;

import org.jspecify.annotations.NullMarked;
