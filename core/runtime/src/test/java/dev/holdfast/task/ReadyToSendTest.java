package dev.holdfast.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What handlers and payloads refuse, and what they do not. */
@Timeout(60)
class ReadyToSendTest {
  @Test
  void aHandlerThatBlocksCannotRunInline() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TaskHandler.inline(TaskHandler.blocking(c -> "x")));
  }

  @Test
  void theEmptyPayloadIsReadyToSend() {
    assertThat(Payload.empty().bytes().remaining()).isZero();
  }
}
