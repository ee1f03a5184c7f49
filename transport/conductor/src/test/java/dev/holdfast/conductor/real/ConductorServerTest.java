package dev.holdfast.conductor.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("conductor")
@Timeout(600)
class ConductorServerTest {
  private final ConductorServer server = ConductorServer.shared();
  private final ConductorApi api = server.api();
  private final String pack = "pack-" + UUID.randomUUID();
  private final String ship = "ship-" + UUID.randomUUID();
  private final String order = "order-" + UUID.randomUUID();

  @BeforeEach
  void define() {
    api.define(TaskDefinition.of(pack), TaskDefinition.of(ship));
    api.defineWorkflow(order, pack, ship);
  }

  @Test
  void runsAWorkflowStepByStep() {
    String id = api.startWorkflow(order, Map.of("item", "lamp"));

    TaskRun packing = onlyTask(pack);
    assertThat(packing.input()).isEqualTo(Map.of("input", Map.of("item", "lamp")));
    assertThat(packing.status()).isEqualTo("IN_PROGRESS");
    api.update(packing, "COMPLETED", Map.of("boxes", 2));
    api.update(onlyTask(ship), "FAILED_WITH_TERMINAL_ERROR", Map.of());

    WorkflowRun ended = api.awaitEnd(id, Duration.ofMinutes(2));
    assertThat(ended.status()).isEqualTo("FAILED");
    assertThat(ended.tasks())
        .extracting(TaskRun::reference, TaskRun::status)
        .containsExactly(
            tuple(pack + "_0", "COMPLETED"), tuple(ship + "_1", "FAILED_WITH_TERMINAL_ERROR"));
    assertThat(ended.tasks().get(0).output()).isEqualTo(Map.of("boxes", 2));
  }

  @Test
  void keepsItsStateAndPortThroughAKill() {
    String id = api.startWorkflow(order, Map.of());
    TaskRun packing = onlyTask(pack);
    api.update(packing, "COMPLETED", Map.of("boxes", 3));

    server.kill();
    assertThat(api.healthy()).isFalse();
    assertThatThrownBy(() -> api.workflow(id)).isInstanceOf(UncheckedIOException.class);

    server.restart();
    WorkflowRun after = api.workflow(id);
    assertThat(after.status()).isEqualTo("RUNNING");
    assertThat(after.tasks().get(0).id()).isEqualTo(packing.id());
    assertThat(after.tasks().get(0).output()).isEqualTo(Map.of("boxes", 3));

    api.update(onlyTask(ship), "COMPLETED", Map.of());
    assertThat(api.awaitEnd(id, Duration.ofMinutes(2)).status()).isEqualTo("COMPLETED");
  }

  @Test
  void takesTheTasksOfATerminatedWorkflowBack() {
    String id = api.startWorkflow(order, Map.of());
    assertThat(api.queueSize(pack)).isEqualTo(1);

    api.terminate(id);
    assertThat(api.workflow(id).status()).isEqualTo("TERMINATED");
    assertThat(api.queueSize(pack)).isZero();
  }

  @Test
  void redefinesAWorkflow() {
    api.defineWorkflow(order, ship);
    String id = api.startWorkflow(order, Map.of());

    assertThat(api.workflow(id).tasks()).extracting(TaskRun::type).containsExactly(ship);
  }

  @Test
  void handsAReleasedTaskOutAgain() {
    api.startWorkflow(order, Map.of());
    TaskRun held = onlyTask(pack);

    assertThat(api.poll(pack, "another", 2)).isEmpty();
    api.update(held, "IN_PROGRESS", Map.of());

    TaskRun again = onlyTask(pack);
    assertThat(again.id()).isEqualTo(held.id());
    assertThat(again.polls()).isEqualTo(2);
  }

  private TaskRun onlyTask(String type) {
    List<TaskRun> tasks = api.poll(type, "test", 2);
    assertThat(tasks).hasSize(1);
    return tasks.get(0);
  }
}
