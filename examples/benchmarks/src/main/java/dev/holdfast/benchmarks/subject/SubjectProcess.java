package dev.holdfast.benchmarks.subject;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * The process of one subject, which works between the lines {@code go} and {@code stop} of its
 * input and has nothing running otherwise. To {@code sample} it answers with the bytes that were
 * allocated so far. It ends with its input.
 *
 * <p>A subject is a {@code Callable<AutoCloseable>} with a public constructor of the server's URL
 * and a variant: calling it starts the worker, closing what that returns has stopped it. It knows
 * none of our types, so that the official client's can be compiled and run apart from them.
 */
public final class SubjectProcess {

  private final Callable<? extends AutoCloseable> subject;
  private final PrintStream answers;
  private @Nullable AutoCloseable running;

  private SubjectProcess(Callable<? extends AutoCloseable> subject, PrintStream answers) {
    this.subject = subject;
    this.answers = answers;
  }

  /**
   * Runs the subject.
   *
   * @param args its class, the server's URL, the variant
   * @throws Exception what the subject fails with, which ends the process
   */
  public static void main(String[] args) throws Exception {
    Object subject =
        Class.forName(args[0])
            .getConstructor(String.class, String.class)
            .newInstance(args[1], args[2]);
    PrintStream answers = System.out;
    // What others print is no answer.
    System.setOut(System.err);
    SubjectProcess process = new SubjectProcess(callable(subject), answers);
    answers.println("ready");
    process.obey(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
    System.exit(0);
  }

  @SuppressWarnings("unchecked") // The contract of a subject.
  private static Callable<? extends AutoCloseable> callable(Object subject) {
    return (Callable<? extends AutoCloseable>) subject;
  }

  private void obey(BufferedReader lines) throws Exception {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      switch (line) {
        case "go" -> {
          running = subject.call();
          answers.println("going");
        }
        case "stop" -> {
          if (running != null) {
            running.close();
            running = null;
          }
          answers.println("stopped");
        }
        case "sample" -> answers.println("sample " + allocatedBytes());
        default -> throw new IOException("'" + line + "' is no command");
      }
    }
  }

  /**
   * All threads' allocation, those that have ended included where the JVM knows it (21 and newer);
   * before that, of the threads that live.
   */
  private static long allocatedBytes() throws Exception {
    if (Runtime.version().feature() >= 21) {
      return (long)
          ManagementFactory.getPlatformMBeanServer()
              .getAttribute(
                  ObjectName.getInstance("java.lang:type=Threading"), "TotalThreadAllocatedBytes");
    }
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
      sum += Math.max(0, bytes);
    }
    return sum;
  }
}
