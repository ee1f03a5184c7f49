package dev.holdfast.local;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the domain that a task is routed to. Of several, the first one that somebody has polled
 * within the last ten seconds; else the last. It is not journaled: after a restart, workers poll
 * again within a few seconds. Confined to its owner.
 */
final class Domains {

  private static final int MAX_QUEUES = 10_000;
  private static final Duration ACTIVE = Duration.ofSeconds(10);
  private static final String NO_DOMAIN = "NO_DOMAIN";

  private final Map<QueueKey, Long> polled = new LinkedHashMap<>(16, 0.75f, true);

  void seen(QueueKey queue, Now now) {
    polled.put(queue, now.nanos());
    if (polled.size() > MAX_QUEUES) {
      polled.remove(polled.keySet().iterator().next());
    }
  }

  @Nullable String choose(String taskType, Map<String, String> taskToDomain, Now now) {
    String wanted = taskToDomain.get(taskType);
    if (wanted == null) {
      wanted = taskToDomain.get("*");
    }
    if (wanted == null) {
      return null;
    }
    String last = wanted;
    for (String part : wanted.split(",", -1)) {
      if (part.isBlank()) {
        continue;
      }
      last = part.strip();
      Long at = polled.get(new QueueKey(taskType, last));
      if (!last.equalsIgnoreCase(NO_DOMAIN) && at != null && now.nanos() - at < ACTIVE.toNanos()) {
        return last;
      }
    }
    return last.equalsIgnoreCase(NO_DOMAIN) ? null : last;
  }
}
