package dev.holdfast.launcher;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;
import org.reactivestreams.Publisher;

/** The rules of the layout, for a tree of packages: the real one, or one that breaks them. */
final class LayoutRules {

  private static final String[] CORE = {
    "task", "client", "store", "worker", "outage", "failover", "watchdog"
  };

  private static final String[] TRANSPORT = {"conductor", "local"};

  private final String root;

  LayoutRules(String root) {
    this.root = root;
  }

  ArchRule coreKnowsNoLibraryButReactor() {
    return noClasses()
        .that(resideInAnyPackage(in(CORE)))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    Stream.concat(
                            Stream.of(in(CORE)),
                            Stream.of(
                                "java..",
                                "reactor.core..",
                                "reactor.util..",
                                "org.reactivestreams..",
                                "org.slf4j..",
                                "org.jspecify.."))
                        .toArray(String[]::new))
                .and(DescribedPredicate.not(resideInAnyPackage("java.sql..")))
                .negate()
                .as("are none of core, the JDK without SQL, reactor-core, slf4j and jspecify"));
  }

  ArchRule transportKnowsNeitherLauncherNorTestkit() {
    return noClasses()
        .that(resideInAnyPackage(in(TRANSPORT)))
        .should()
        .dependOnClassesThat(resideInAnyPackage(in("launcher", "testkit")));
  }

  /** A transport knows core alone: no other transport, in either direction. */
  ArchRule transportKnowsNoOtherTransport(String transport) {
    String[] others =
        Arrays.stream(TRANSPORT).filter(name -> !name.equals(transport)).toArray(String[]::new);
    return noClasses()
        .that(resideInAnyPackage(in(transport)))
        .should()
        .dependOnClassesThat(resideInAnyPackage(in(others)));
  }

  ArchRule testkitKnowsNeitherLauncherNorTransport() {
    return noClasses()
        .that(resideInAnyPackage(in("testkit")))
        .should()
        .dependOnClassesThat(resideInAnyPackage(in("launcher", "conductor", "local")));
  }

  ArchRule packagesHaveNoCycles() {
    return slices().matching(root + ".(*)..").should().beFreeOfCycles();
  }

  /** The parts that the worker composes know neither it nor each other. */
  ArchRule partKnowsNeitherWorkerNorOtherParts(String part) {
    String[] others =
        Stream.of("worker", "store", "outage", "failover", "watchdog")
            .filter(name -> !name.equals(part))
            .toArray(String[]::new);
    return noClasses()
        .that(resideInAnyPackage(in(part)))
        .should()
        .dependOnClassesThat(resideInAnyPackage(in(others)))
        .allowEmptyShould(true);
  }

  ArchRule nobodyBlocksOrPrints() {
    return noClasses()
        .that(resideInAnyPackage(in("launcher")).negate())
        .should()
        .accessTargetWhere(BLOCKS_OR_PRINTS);
  }

  /** The named owners settle what they subscribe to; each stands in the test with its reason. */
  ArchRule nobodySubscribesBut(Set<String> owners) {
    return noClasses()
        .that(
            DescribedPredicate.describe(
                "are no named owner",
                (JavaClass type) ->
                    !owners.contains(
                        type.getName()
                            .replaceFirst("^\\Q" + root + ".\\E", "")
                            .replaceFirst("\\$.*", ""))))
        .should()
        .accessTargetWhere(SUBSCRIBES);
  }

  private static final DescribedPredicate<JavaAccess<?>> SUBSCRIBES =
      DescribedPredicate.describe(
          "subscribes",
          access ->
              access.getName().startsWith("subscribe")
                  && !access.getName().equals("subscribeOn")
                  && access.getTargetOwner().isAssignableTo(Publisher.class));

  private static final DescribedPredicate<JavaAccess<?>> BLOCKS_OR_PRINTS =
      DescribedPredicate.describe(
          "blocks, sleeps or prints",
          access -> {
            String name = access.getName();
            JavaClass owner = access.getTargetOwner();
            boolean waits =
                owner.isAssignableTo(Publisher.class)
                    && (name.startsWith("block")
                        || name.equals("toIterable")
                        || name.equals("toStream"));
            boolean sleeps =
                name.equals("sleep")
                    && (owner.isEquivalentTo(Thread.class)
                        || owner.isEquivalentTo(java.util.concurrent.TimeUnit.class));
            boolean prints =
                (owner.isEquivalentTo(System.class) && (name.equals("out") || name.equals("err")))
                    || name.equals("printStackTrace");
            return waits || sleeps || prints;
          });

  private String[] in(String... packages) {
    return Arrays.stream(packages).map(name -> root + "." + name + "..").toArray(String[]::new);
  }
}
