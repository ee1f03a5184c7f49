@NullMarked
package dev.holdfast.benchmarks;

import org.jspecify.annotations.NullMarked;
