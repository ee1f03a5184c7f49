package dev.holdfast.benchmarks.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SlotMeterTest {

  private static final long MS = 1_000_000;

  @Test
  void slotsAreFreeFromTheBeginning() {
    SlotMeter meter = new SlotMeter(2, 10);
    meter.filled(15);
    meter.filled(17);
    assertThat(meter.refills()).isEqualTo(2);
    assertThat(meter.sum()).isEqualTo(5 + 7);
  }

  @Test
  void theSlotThatIsFreeTheLongestIsFilledFirst() {
    SlotMeter meter = full(2);
    meter.freed(10);
    meter.freed(20);
    meter.filled(25);
    assertThat(meter.longest()).isEqualTo(15);
    meter.filled(26);
    assertThat(meter.sum()).isEqualTo(15 + 6);
  }

  @Test
  void tasksBeyondTheSlotsFreeNoneWhenTheyEnd() {
    SlotMeter meter = full(1);
    meter.filled(5); // taken while the result of the other is on its way
    meter.freed(10);
    meter.filled(20);
    meter.freed(30);
    assertThat(meter.refills()).isZero();
    meter.freed(40);
    meter.filled(43);
    assertThat(meter.longest()).isEqualTo(3);
  }

  @Test
  void aMarkForgetsWhatWasMeasuredButNotWhatIsFree() {
    SlotMeter meter = full(2);
    meter.freed(10);
    meter.filled(1_000);
    meter.freed(1_000);
    meter.mark();
    meter.filled(1_002);
    assertThat(meter.refills()).isEqualTo(1);
    assertThat(meter.longest()).isEqualTo(2);
  }

  @Test
  void aQuantileIsTheUpperEdgeOfItsBucket() {
    SlotMeter meter = full(1);
    long now = 0;
    for (int i = 0; i < 100; i++) {
      meter.freed(now);
      now += i < 99 ? 2 * MS : 50 * MS;
      meter.filled(now);
    }
    assertThat(meter.quantile(0.99)).isEqualTo(2 * MS + 10_000);
    assertThat(meter.quantile(1)).isEqualTo(50 * MS);
    assertThat(meter.longest()).isEqualTo(50 * MS);
  }

  @Test
  void withoutSlotsNothingIsMeasured() {
    SlotMeter meter = new SlotMeter(0, 0);
    meter.filled(5);
    meter.freed(6);
    meter.filled(7);
    assertThat(meter.refills()).isZero();
  }

  /** All slots are filled at once, and that is forgotten. */
  private static SlotMeter full(int slots) {
    SlotMeter meter = new SlotMeter(slots, 0);
    for (int i = 0; i < slots; i++) {
      meter.filled(0);
    }
    meter.mark();
    return meter;
  }
}
