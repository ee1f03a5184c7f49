package dev.holdfast.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavaTest {

  @TempDir Path place;

  @BeforeEach
  void jdksAreThere() throws IOException {
    jdk("seventeen", "17.0.15");
    jdk("twenty-one", "21.0.2+13");
    jdk("twenty-five", "25.0.1+8-LTS");
    Files.createDirectories(place.resolve("no-jdk/bin"));
  }

  private void jdk(String name, String version) throws IOException {
    Path home = Files.createDirectories(place.resolve(name));
    Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
    assertThat(Files.createFile(java).toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\nOS_NAME=\"x\"\n");
  }

  @Test
  void theNewestOfTheUsualPlacesIsTaken() {
    assertThat(Java.newer(Optional.empty(), List.of(place)))
        .contains(new Java(place.resolve("twenty-five/bin/java").toString(), "25.0.1+8-LTS"));
  }

  @Test
  void theOneThatIsNamedIsTakenInstead() {
    Optional<String> named = Optional.of(place.resolve("twenty-one").toString());
    assertThat(Java.newer(named, List.of(place)))
        .contains(new Java(place.resolve("twenty-one/bin/java").toString(), "21.0.2+13"));
  }

  @Test
  void anOlderOneOrNoneAtAllIsNotTaken() {
    Optional<String> old = Optional.of(place.resolve("seventeen").toString());
    Optional<String> none = Optional.of(place.resolve("no-jdk").toString());
    assertThat(Java.newer(old, List.of(place))).isEmpty();
    assertThat(Java.newer(none, List.of(place))).isEmpty();
    assertThat(Java.newer(Optional.empty(), List.of(place.resolve("nowhere")))).isEmpty();
  }
}
