package dev.holdfast.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import reactor.core.publisher.Hooks;

/**
 * Fails a test that leaves something behind: an error or a value that Reactor dropped, a thread
 * whose name starts with {@code holdfast-} and that outlives the test by more than 2 s, or a {@link
 * #watch watched} count that is not zero then. It judges after the {@code @AfterEach} methods.
 *
 * <p>Register it as a field with {@code @RegisterExtension}, or with {@code @ExtendWith} and take
 * it as a parameter of the test. Reactor's hooks for dropped signals are global: while a guarded
 * test runs they are the guard's, afterwards none is set, and guarded tests must not run in
 * parallel. {@code StepVerifier.verifyThenAssertThat()} takes the hooks away in the middle of a
 * test.
 */
public final class LeakGuard implements BeforeEachCallback, AfterEachCallback, ParameterResolver {

  private static final String PREFIX = "holdfast-";
  private static final Duration GRACE = Duration.ofSeconds(2);
  private static final Duration POLL = Duration.ofMillis(5);

  private final ConcurrentLinkedQueue<Throwable> errors = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Object> values = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Class<? extends Throwable>> expected =
      new ConcurrentLinkedQueue<>();
  private final Map<String, LongSupplier> watched = new LinkedHashMap<>();
  private Set<Thread> before = Set.of();

  /** Creates one; JUnit does so for {@code @ExtendWith}. */
  public LeakGuard() {}

  /**
   * Watches a count until the end of the test.
   *
   * @param what what is counted, such as {@code slots}
   * @param leftover tells how many are left; must be 0 after the test, within 2 s
   * @return this guard
   */
  public LeakGuard watch(String what, LongSupplier leftover) {
    synchronized (watched) {
      watched.put(what, leftover);
    }
    return this;
  }

  /**
   * Expects dropped errors of a type: they are no leak, and the test fails if none comes.
   *
   * @param type the type
   * @return this guard
   */
  public LeakGuard expectDropped(Class<? extends Throwable> type) {
    expected.add(type);
    return this;
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    errors.clear();
    values.clear();
    before = threads();
    Hooks.onErrorDropped(errors::add);
    Hooks.onNextDropped(values::add);
  }

  @Override
  public void afterEach(ExtensionContext context) throws InterruptedException {
    List<String> leaks = new ArrayList<>();
    try {
      long deadline = System.nanoTime() + GRACE.toNanos();
      addThreads(leaks, deadline);
      addCounts(leaks, deadline);
      addDropped(leaks);
    } finally {
      Hooks.resetOnErrorDropped();
      Hooks.resetOnNextDropped();
      expected.clear();
      synchronized (watched) {
        watched.clear();
      }
    }
    if (!leaks.isEmpty()) {
      AssertionError failure =
          new AssertionError("the test left something behind: " + String.join("; ", leaks));
      errors.forEach(failure::addSuppressed);
      throw failure;
    }
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(PREFIX))
        .collect(Collectors.toUnmodifiableSet());
  }

  private void addThreads(List<String> leaks, long deadline) throws InterruptedException {
    for (Thread thread : threads()) {
      if (!before.contains(thread)) {
        TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, deadline - System.nanoTime()));
        if (thread.isAlive()) {
          leaks.add("thread " + thread.getName() + " lives");
        }
      }
    }
  }

  private void addCounts(List<String> leaks, long deadline) {
    Map<String, LongSupplier> counts;
    synchronized (watched) {
      counts = new LinkedHashMap<>(watched);
    }
    for (Map.Entry<String, LongSupplier> count : counts.entrySet()) {
      long left = count.getValue().getAsLong();
      while (left != 0 && System.nanoTime() < deadline) {
        LockSupport.parkNanos(POLL.toNanos());
        left = count.getValue().getAsLong();
      }
      if (left != 0) {
        leaks.add(left + " " + count.getKey() + " left");
      }
    }
  }

  private void addDropped(List<String> leaks) {
    for (Throwable error : errors) {
      if (expected.stream().noneMatch(type -> type.isInstance(error))) {
        leaks.add("dropped error " + error);
      }
    }
    for (Object value : values) {
      leaks.add("dropped value " + value);
    }
    for (Class<? extends Throwable> type : expected) {
      if (errors.stream().noneMatch(type::isInstance)) {
        leaks.add("no " + type.getName() + " was dropped, and one was expected");
      }
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == LeakGuard.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return this;
  }
}
