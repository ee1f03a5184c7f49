package dev.holdfast.local;

import dev.holdfast.store.Journal;
import dev.holdfast.store.JournalRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Keeps changes in a journal, one batch at a time: what comes while one is being written makes the
 * next. What waits is released when all changes before it are kept, also if it brought none of its
 * own: it may tell of them. Confined to its owner, on which the journal's answers are taken up.
 *
 * <p>After a failure nobody knows what is kept: the owner throws this writer and its state away.
 */
final class JournalWriter {

  private static final Logger LOG = LoggerFactory.getLogger(JournalWriter.class);

  private record Waiting(Runnable kept, Consumer<Throwable> failed) {}

  private final Journal journal;
  private final Consumer<Runnable> owner;
  private final Consumer<Throwable> broken;
  private List<JournalRecord> batch = new ArrayList<>();
  private List<String> forgotten = new ArrayList<>();
  private List<Waiting> waiting = new ArrayList<>();
  private List<Waiting> written = List.of();
  private Runnable ended = () -> {};
  private boolean isWriting;
  private boolean isBroken;

  /**
   * @param owner runs something on the owner
   * @param broken is told, once, that the journal failed; those who wait are told after it
   */
  JournalWriter(Journal journal, Consumer<Runnable> owner, Consumer<Throwable> broken) {
    this.journal = journal;
    this.owner = owner;
    this.broken = broken;
  }

  /** Keeps changes, and tells when these and all before them are kept. */
  void keep(List<Change> changes, Runnable kept, Consumer<Throwable> failed) {
    changes.forEach(change -> batch.add(ChangeCodec.encode(change)));
    waiting.add(new Waiting(kept, failed));
    write();
  }

  /** How many wait for the journal. */
  int waiting() {
    return written.size() + waiting.size();
  }

  /** Forgets these keys once all changes so far are kept. */
  void forget(List<String> keys) {
    forgotten.addAll(keys);
    write();
  }

  /**
   * Tells all who wait that nothing more is kept.
   *
   * @param then runs when the journal has nothing under way any more: before that nobody else may
   *     write to it, nor rely on what it holds
   */
  void fail(Throwable cause, Runnable then) {
    isBroken = true;
    List<Waiting> all = new ArrayList<>(written);
    all.addAll(waiting);
    written = List.of();
    waiting = List.of();
    batch = List.of();
    all.forEach(one -> one.failed.accept(cause));
    if (isWriting) {
      ended = then;
    } else {
      then.run();
    }
  }

  private void write() {
    if (isWriting || isBroken) {
      return;
    }
    if (!batch.isEmpty()) {
      List<JournalRecord> records = batch;
      written = waiting;
      batch = new ArrayList<>();
      waiting = new ArrayList<>();
      isWriting = true;
      Mono.defer(() -> journal.append(records))
          .subscribe(
              number -> {},
              e -> owner.accept(() -> onFailure(e)),
              () -> owner.accept(this::onKept));
    } else {
      release();
      dropForgotten();
    }
  }

  private void onKept() {
    isWriting = false;
    if (isBroken) {
      ended.run();
      return;
    }
    List<Waiting> kept = written;
    written = List.of();
    kept.forEach(one -> one.kept.run());
    write();
  }

  private void onFailure(Throwable e) {
    isWriting = false;
    if (isBroken) {
      ended.run();
    } else {
      broken.accept(e);
    }
  }

  private void release() {
    List<Waiting> all = waiting;
    waiting = new ArrayList<>();
    all.forEach(one -> one.kept.run());
  }

  private void dropForgotten() {
    if (forgotten.isEmpty()) {
      return;
    }
    List<String> keys = forgotten;
    forgotten = new ArrayList<>();
    isWriting = true;
    Mono.defer(() -> journal.forget(keys))
        .subscribe(
            nothing -> {},
            e ->
                owner.accept(
                    () -> {
                      // They are ended work: the next start finds them and forgets them again.
                      LOG.warn("{} keys could not be forgotten: {}", keys.size(), e.toString());
                      onKept();
                    }),
            () -> owner.accept(this::onKept));
  }
}
