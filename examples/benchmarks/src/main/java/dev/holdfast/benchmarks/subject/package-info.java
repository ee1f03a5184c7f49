/** What is measured, and the process that each of them has for itself. */
@NullMarked
package dev.holdfast.benchmarks.subject;

import org.jspecify.annotations.NullMarked;
