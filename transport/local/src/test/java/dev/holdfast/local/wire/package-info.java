/** The same requests against this server and against a real one, and what both answer. */
@NullMarked
package dev.holdfast.local.wire;

import org.jspecify.annotations.NullMarked;
