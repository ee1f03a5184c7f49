package dev.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.test.util.RaceTestUtils;

/** All pairs of stage and event of its table. */
@Timeout(60)
class DeliveryTest {

  private final List<TaskView> back = new ArrayList<>();
  private final Delivery delivery = new Delivery(back::addAll);
  private final List<TaskView> leased = leased();

  private static List<TaskView> leased() {
    Rig rig = new Rig();
    rig.begin();
    return rig.poll(Rig.QUEUE, 1);
  }

  @Test
  void whatNobodyWasGivenIsGivenBackAtTheEnd() {
    delivery.leased(leased);
    delivery.end();
    delivery.end();
    assertThat(back).isEqualTo(leased);
    assertThat(delivery.begin()).isFalse();
  }

  @Test
  void whatIsLeasedAfterTheEndIsGivenBackAtOnce() {
    delivery.end();
    delivery.leased(leased);
    assertThat(back).isEqualTo(leased);
  }

  @Test
  void onceItIsWrittenNothingIsGivenBack() {
    delivery.leased(leased);
    assertThat(delivery.begin()).isTrue();
    delivery.end();
    assertThat(back).isEmpty();
  }

  @Test
  void anAnswerWithoutTasksIsWrittenToo() {
    delivery.leased(List.of());
    assertThat(delivery.begin()).isTrue();
    delivery.end();
    assertThat(back).isEmpty();
  }

  @Test
  void atOnceItIsEitherWrittenOrGivenBack() {
    for (int i = 0; i < 2_000; i++) {
      AtomicInteger given = new AtomicInteger();
      AtomicBoolean written = new AtomicBoolean();
      Delivery racing = new Delivery(tasks -> given.addAndGet(tasks.size()));
      racing.leased(leased);
      RaceTestUtils.race(() -> written.set(racing.begin()), racing::end);
      assertThat(given.get() == 1).isNotEqualTo(written.get());
    }
  }
}
