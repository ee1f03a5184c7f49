/**
 * What tests of a worker or of a transport need: a stateful fake task server that books all it
 * sees, the contract that every task client keeps, and a guard against leaks.
 */
@NullMarked
package dev.holdfast.testkit;

import org.jspecify.annotations.NullMarked;
