package dev.holdfast.local;

import dev.holdfast.store.JournalEntry;
import dev.holdfast.store.JournalRecord;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;

/**
 * Changes as the records of a journal. What a kind is called here stays so: journals outlive us.
 */
final class ChangeCodec {

  private static final Map<String, Class<? extends Change>> TYPES =
      Map.ofEntries(
          Map.entry("type-defined", Change.TypeDefined.class),
          Map.entry("type-removed", Change.TypeRemoved.class),
          Map.entry("workflow-defined", Change.WorkflowDefined.class),
          Map.entry("workflow-removed", Change.WorkflowRemoved.class),
          Map.entry("started", Change.Started.class),
          Map.entry("scheduled", Change.Scheduled.class),
          Map.entry("polled", Change.Polled.class),
          Map.entry("returned", Change.Returned.class),
          Map.entry("extended", Change.Extended.class),
          Map.entry("handed-back", Change.HandedBack.class),
          Map.entry("logged", Change.Logged.class),
          Map.entry("ended", Change.Ended.class),
          Map.entry("condensed", Change.Condensed.class),
          Map.entry("finished", Change.Finished.class));
  private static final Map<Class<?>, String> KINDS = kinds();

  private ChangeCodec() {}

  static JournalRecord encode(Change change) {
    String kind = KINDS.get(change.getClass());
    if (kind == null) {
      throw new IllegalStateException("no kind for " + change.getClass());
    }
    byte[] bytes = Json.MAPPER.writeValueAsBytes(change);
    return change.replaces()
        ? JournalRecord.replacing(change.key(), kind, bytes)
        : JournalRecord.of(change.key(), kind, bytes);
  }

  /**
   * Reads an entry.
   *
   * @throws IllegalArgumentException if it is none of ours
   */
  static Change decode(JournalEntry entry) {
    JournalRecord record = entry.record();
    Class<? extends Change> type = TYPES.get(record.kind());
    if (type == null) {
      throw new IllegalArgumentException(
          "entry " + entry.number() + " is of the unknown kind " + Line.of(record.kind()));
    }
    try {
      return Json.MAPPER.readValue(record.bytes(), type);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "entry "
              + entry.number()
              + " is no change of kind "
              + record.kind()
              + ": "
              + Line.of(e.getOriginalMessage()),
          e);
    }
  }

  private static Map<Class<?>, String> kinds() {
    Map<Class<?>, String> kinds = new HashMap<>();
    TYPES.forEach((kind, type) -> kinds.put(type, kind));
    return kinds;
  }
}
