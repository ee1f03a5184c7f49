package dev.holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;

@Timeout(20)
class InMemoryJournalTest {

  private final Journal journal = new InMemoryJournal();

  @Test
  void aBatchIsKeptInItsOrderUnderNumbersThatGrow() {
    assertThat(append(record("a", "one"), record("b", "two"))).isEqualTo(2);
    assertThat(append(record("a", "three"))).isEqualTo(3);
    assertThat(all()).containsExactly("1 a one", "2 b two", "3 a three");
  }

  @Test
  void nothingIsKeptBeforeItIsSubscribedTo() {
    Mono<Long> cold = journal.append(List.of(record("a", "one")));
    assertThat(all()).isEmpty();
    cold.block();
    assertThat(all()).hasSize(1);
  }

  @Test
  void theTapeOfAKeyIsReadFromANumberOn() {
    append(record("a", "one"), record("b", "two"), record("a", "three"));
    assertThat(tape("a", 0)).containsExactly("1 a one", "3 a three");
    assertThat(tape("a", 2)).containsExactly("3 a three");
    assertThat(tape("nobody", 0)).isEmpty();
  }

  @Test
  void aReplacingRecordIsAllThatIsKeptOfItsKey() {
    append(record("a", "one"), record("b", "two"), record("a", "three"));
    append(JournalRecord.replacing("a", "four", new byte[0]), record("a", "five"));
    assertThat(all()).containsExactly("2 b two", "4 a four", "5 a five");
    assertThat(tape("a", 0)).containsExactly("4 a four", "5 a five");
  }

  @Test
  void whatIsForgottenIsGoneAndItsNumbersAreNotUsedAgain() {
    append(record("a", "one"), record("b", "two"));
    journal.forget(List.of("b", "nobody")).block();
    journal.forget(List.of("b")).block();
    assertThat(append(record("b", "three"))).isEqualTo(3);
    assertThat(all()).containsExactly("1 a one", "3 b three");
  }

  @Test
  void aReplayTellsWhatWasKeptWhenItBegan() {
    append(record("a", "one"));
    List<JournalEntry> seen =
        journal.replay().doOnNext(entry -> append(record("a", "meanwhile"))).collectList().block();
    assertThat(seen).hasSize(1);
  }

  @Test
  void anEmptyBatchIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> journal.append(List.of()))
        .withMessageContaining("empty");
  }

  @Test
  void aRecordDoesNotChangeWithTheBytesItWasMadeOfOrGave() {
    byte[] bytes = {1, 2};
    JournalRecord record = JournalRecord.of("a", "one", bytes);
    bytes[0] = 9;
    record.bytes()[1] = 9;
    assertThat(record.bytes()).containsExactly(1, 2);
    assertThat(record)
        .isEqualTo(JournalRecord.of("a", "one", new byte[] {1, 2}))
        .isNotEqualTo(JournalRecord.replacing("a", "one", new byte[] {1, 2}))
        .hasToString("JournalRecord[a one, 2 bytes]");
  }

  private static JournalRecord record(String key, String kind) {
    return JournalRecord.of(key, kind, new byte[0]);
  }

  private long append(JournalRecord... batch) {
    return Objects.requireNonNull(journal.append(List.of(batch)).block());
  }

  private List<String> all() {
    return texts(journal.replay().collectList().block());
  }

  private List<String> tape(String key, long from) {
    return texts(journal.replay(key, from).collectList().block());
  }

  private static List<String> texts(List<JournalEntry> entries) {
    return Objects.requireNonNull(entries).stream()
        .map(e -> e.number() + " " + e.record().key() + " " + e.record().kind())
        .toList();
  }
}
