@NullMarked
package dev.holdfast.benchmarks.server;

import org.jspecify.annotations.NullMarked;
