/** What all callers of one server know of its outage. */
@NullMarked
package dev.holdfast.outage;

import org.jspecify.annotations.NullMarked;
