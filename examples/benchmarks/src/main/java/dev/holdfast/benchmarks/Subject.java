package dev.holdfast.benchmarks;

import java.util.Arrays;
import java.util.Optional;

/** What is measured. */
enum Subject {
  BARE("bare", "bare loop", Code.BARE, "stream", Load.ECHO),
  BARE_TREE("bare-tree", "bare loop, JSON trees", Code.BARE, "tree", Load.ECHO),
  HOLDFAST_V1("holdfast-v1", "Holdfast v1", Code.HOLDFAST, "v1", Load.ECHO),
  HOLDFAST_V2("holdfast-v2", "Holdfast v2, adaptive", Code.HOLDFAST, "v2", Load.ECHO),
  OFFICIAL_4("official-4", "official 4.0.8, 1 ms", Code.OFFICIAL_4, "tuned", Load.ECHO),
  OFFICIAL_6("official-6", "official 6.0.0, 1 ms", Code.OFFICIAL_6, "tuned", Load.ECHO),
  OFFICIAL_4_DEFAULT(
      "official-4-default", "official 4.0.8, default", Code.OFFICIAL_4, "default", Load.ECHO),
  OFFICIAL_6_DEFAULT(
      "official-6-default", "official 6.0.0, default", Code.OFFICIAL_6, "default", Load.ECHO),
  BARE_WAIT("bare-wait", "bare loop", Code.BARE, "wait", Load.WAIT),
  HOLDFAST_V1_WAIT("holdfast-v1-wait", "Holdfast v1", Code.HOLDFAST, "v1-wait", Load.WAIT),
  HOLDFAST_V2_WAIT(
      "holdfast-v2-wait", "Holdfast v2, adaptive", Code.HOLDFAST, "v2-wait", Load.WAIT);

  /** Whose code it is, and what runs it. */
  enum Code {
    BARE("dev.holdfast.benchmarks.subject.BareLoop", "17 or newer"),
    HOLDFAST("dev.holdfast.benchmarks.subject.HoldfastWorker", "17 or newer"),
    OFFICIAL_4("dev.holdfast.benchmarks.peer.OfficialClient", "17 or newer"),
    OFFICIAL_6("dev.holdfast.benchmarks.peer.OfficialClient", "21 or newer");

    final String className;
    final String jdk;

    Code(String className, String jdk) {
      this.className = className;
      this.jdk = jdk;
    }
  }

  /** What its handler does, in how many slots. */
  enum Load {
    ECHO("echo, 100 slots", 100),
    WAIT("100 ms handlers, 1,000 slots", 1_000);

    final String title;
    final int slots;

    Load(String title, int slots) {
      this.title = title;
      this.slots = slots;
    }
  }

  final String id;
  final String title;
  final Code code;
  final String variant;
  final Load load;

  Subject(String id, String title, Code code, String variant, Load load) {
    this.id = id;
    this.title = title;
    this.code = code;
    this.variant = variant;
    this.load = load;
  }

  static Optional<Subject> named(String id) {
    return Arrays.stream(values()).filter(subject -> subject.id.equals(id)).findFirst();
  }

  @Override
  public String toString() {
    return id;
  }
}
