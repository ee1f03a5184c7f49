@NullMarked
package dev.holdfast.benchmarks.subject;

import org.jspecify.annotations.NullMarked;
