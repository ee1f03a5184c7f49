package dev.holdfast.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The layout's arrows hold, and each rule can be seen to fail on a tree that breaks it. */
@Timeout(60)
class ArchitectureTest {

  private static final JavaClasses HOLDFAST =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          // The fixture of the real server, which is other modules' test code in a jar or a folder.
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("dev.holdfast");
  private static final LayoutRules RULES = new LayoutRules("dev.holdfast");

  private static final JavaClasses BAD_TREE =
      new ClassFileImporter().importPackages("dev.holdfast.launcher.badtree");
  private static final LayoutRules BROKEN = new LayoutRules("dev.holdfast.launcher.badtree");

  /** Who subscribes, and who settles what it began. */
  private static final Map<String, String> SUBSCRIBERS =
      Map.ofEntries(
          Map.entry(
              "worker.Run",
              "owns the parts of a run; disposes them when it ends, and ends with any"),
          Map.entry(
              "worker.HandlerRun", "subscribes to a handler; its slot is freed whatever that does"),
          Map.entry(
              "worker.EachAtOnce",
              "an operator: subscribes to its source and to the work it starts"),
          Map.entry(
              "conductor.TokenSource", "renews a token in the background, one at a time, bounded"),
          Map.entry(
              "local.Engine",
              "rebuilds its state after its journal failed; gives up when it is closed"),
          Map.entry("local.JournalWriter", "one batch at a time; the owner takes up how it ended"),
          Map.entry(
              "testkit.ObservedHandler", "an operator that hands its subscriber to the source"),
          Map.entry(
              "launcher.WorkerSession", "the process: hints for people, and the drain on a signal"),
          Map.entry("local.LocalTaskServer", "ends a start that nobody waits for any more"),
          Map.entry(
              "conductor.BoundedAnswer", "an operator that hands its subscriber to the source"),
          Map.entry("conductor.ReadAnswer", "an operator that hands its subscriber to the source"),
          Map.entry("worker.LeaseKeeper", "its looks and calls; ends them when it is closed"),
          Map.entry(
              "worker.SendGate", "an operator that subscribes to the call when its turn has come"));

  @Test
  void allModulesAreLookedAt() {
    assertThat(HOLDFAST)
        .extracting(type -> type.getPackageName())
        .contains("dev.holdfast.task", "dev.holdfast.worker", "dev.holdfast.conductor")
        .contains("dev.holdfast.local", "dev.holdfast.testkit", "dev.holdfast.launcher")
        .noneMatch(name -> name.contains("badtree"));
  }

  @Test
  void coreKnowsNoLibraryButReactor() {
    RULES.coreKnowsNoLibraryButReactor().check(HOLDFAST);
    assertThat(violations(BROKEN.coreKnowsNoLibraryButReactor()))
        .contains("Worker.netty", "Worker.sql", "Worker.outward");
  }

  @Test
  void transportKnowsNeitherLauncherNorTestkit() {
    RULES.transportKnowsNeitherLauncherNorTestkit().check(HOLDFAST);
    assertThat(violations(BROKEN.transportKnowsNeitherLauncherNorTestkit()))
        .contains("Transport.outward", "Local.outward");
  }

  @ParameterizedTest
  @ValueSource(strings = {"conductor", "local"})
  void aTransportKnowsNoOther(String transport) {
    RULES.transportKnowsNoOtherTransport(transport).check(HOLDFAST);
  }

  @Test
  void aTransportThatKnowsAnotherIsFound() {
    assertThat(violations(BROKEN.transportKnowsNoOtherTransport("local")))
        .contains("Local.sideways");
  }

  @Test
  void testkitKnowsNeitherLauncherNorTransport() {
    RULES.testkitKnowsNeitherLauncherNorTransport().check(HOLDFAST);
    assertThat(violations(BROKEN.testkitKnowsNeitherLauncherNorTransport()))
        .contains("Kit.outward", "Kit.further");
  }

  @Test
  void packagesHaveNoCycles() {
    RULES.packagesHaveNoCycles().check(HOLDFAST);
    assertThat(violations(BROKEN.packagesHaveNoCycles())).contains("Cycle detected");
  }

  @ParameterizedTest
  @ValueSource(strings = {"store", "outage", "failover", "watchdog"})
  void thePartsOfTheWorkerKnowNeitherItNorEachOther(String part) {
    RULES.partKnowsNeitherWorkerNorOtherParts(part).check(HOLDFAST);
  }

  @Test
  void aStoreThatKnowsTheWorkerIsFound() {
    assertThat(violations(BROKEN.partKnowsNeitherWorkerNorOtherParts("store")))
        .contains("Store.inward");
  }

  @Test
  void nobodyButTheLauncherBlocksOrPrints() {
    RULES.nobodyBlocksOrPrints().check(HOLDFAST);
    assertThat(violations(BROKEN.nobodyBlocksOrPrints()))
        .contains("Worker.blocks()", "Worker.blocksFirst()", "Worker.iterates()")
        .contains("Worker.streams()", "Worker.sleeps()", "Worker.sleepsByUnit()")
        .contains("Worker.prints()", "Worker.tracesStack(")
        .doesNotContain("Launcher.");
  }

  @Test
  void nobodySubscribesButTheNamedOwners() {
    RULES.nobodySubscribesBut(SUBSCRIBERS.keySet()).check(HOLDFAST);
    ArchRule broken = BROKEN.nobodySubscribesBut(Set.of("launcher.Launcher"));
    assertThat(violations(broken))
        .contains("Worker.subscribes()", "Worker.subscribesByReference()")
        .doesNotContain("Launcher.");
  }

  @Test
  void eachNamedOwnerDoesSubscribe() {
    for (String owner : SUBSCRIBERS.keySet()) {
      Set<String> others =
          SUBSCRIBERS.keySet().stream()
              .filter(name -> !name.equals(owner))
              .collect(Collectors.toUnmodifiableSet());
      assertThat(RULES.nobodySubscribesBut(others).evaluate(HOLDFAST).hasViolation())
          .as("%s is a named owner", owner)
          .isTrue();
    }
  }

  private static String violations(ArchRule rule) {
    return rule.evaluate(BAD_TREE).getFailureReport().toString();
  }
}
