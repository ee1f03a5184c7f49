package dev.holdfast.local;

import io.netty.handler.codec.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.node.ObjectNode;

/** The calls of Conductor's API that this server has, each with what it does on the board. */
final class Api {

  private static final Logger LOG = LoggerFactory.getLogger(Api.class);
  private static final Duration SHORT_WAIT = Duration.ofMillis(100);
  private static final int LONGEST_WAIT_MILLIS = 5_000;
  private static final int MOST_AT_ONCE = 1_000;
  private static final String SERVED =
      "This is Holdfast's embedded task server, for one machine: it has task definitions, workflows"
          + " of one task, polls, updates, logs and queue sizes. For the rest run Conductor";

  /** Does one call. */
  interface Handler {
    Mono<Answer> handle(Request request, List<String> captured, Delivery delivery);
  }

  private record Route(HttpMethod method, List<String> pattern, Handler handler) {
    @Nullable List<String> match(List<String> path) {
      if (path.size() != pattern.size()) {
        return null;
      }
      List<String> captured = new ArrayList<>();
      for (int i = 0; i < path.size(); i++) {
        if (pattern.get(i).equals("*") && !path.get(i).isEmpty()) {
          captured.add(path.get(i));
        } else if (!pattern.get(i).equals(path.get(i))) {
          return null;
        }
      }
      return captured;
    }
  }

  private final Engine engine;
  private final @Nullable Tokens tokens;
  private final List<Route> routes = new ArrayList<>();

  Api(Engine engine, @Nullable Tokens tokens) {
    this.engine = engine;
    this.tokens = tokens;
    add(HttpMethod.GET, "health", (r, at, d) -> health());
    add(HttpMethod.GET, "api/health", (r, at, d) -> health());
    add(HttpMethod.POST, "api/token", (r, at, d) -> token(r));
    addDefinitions();
    addWorkflows();
    addTasks();
  }

  private void addDefinitions() {
    add(HttpMethod.GET, "api/metadata/taskdefs", (r, at, d) -> types());
    add(HttpMethod.POST, "api/metadata/taskdefs", (r, at, d) -> define(r));
    add(HttpMethod.PUT, "api/metadata/taskdefs", (r, at, d) -> redefine(r));
    add(
        HttpMethod.GET,
        "api/metadata/taskdefs/*",
        (r, at, d) -> engine.call(board -> board.type(at.get(0))).map(t -> Answer.json(t.json())));
    add(
        HttpMethod.DELETE,
        "api/metadata/taskdefs/*",
        (r, at, d) -> done(board -> board.removeType(at.get(0))));
    add(HttpMethod.GET, "api/metadata/workflow", (r, at, d) -> workflowTypes());
    add(HttpMethod.POST, "api/metadata/workflow", (r, at, d) -> create(r));
    add(HttpMethod.PUT, "api/metadata/workflow", (r, at, d) -> put(r));
    add(
        HttpMethod.GET,
        "api/metadata/workflow/*",
        (r, at, d) -> {
          Integer version = r.integer("version");
          return engine
              .call(board -> board.workflowType(at.get(0), version))
              .map(type -> Answer.json(type.json()));
        });
    add(
        HttpMethod.DELETE,
        "api/metadata/workflow/*/*",
        (r, at, d) -> {
          int version = version(at.get(1));
          return done(board -> board.removeWorkflowType(at.get(0), version));
        });
  }

  private void addWorkflows() {
    add(
        HttpMethod.POST,
        "api/workflow",
        (r, at, d) -> {
          StartRequest start = Bodies.start(json(r));
          return engine.call(board -> board.start(start)).map(Answer::text);
        });
    add(
        HttpMethod.POST,
        "api/workflow/*",
        (r, at, d) -> {
          json(r);
          StartRequest start = Bodies.start(at.get(0), r);
          return engine.call(board -> board.start(start)).map(Answer::text);
        });
    add(
        HttpMethod.GET,
        "api/workflow/*",
        (r, at, d) -> {
          boolean withTasks = r.flag("includeTasks", true);
          return engine
              .call(board -> board.workflow(at.get(0)))
              .map(view -> Answer.json(to -> WorkflowJson.write(to, view, withTasks)));
        });
    add(
        HttpMethod.DELETE,
        "api/workflow/*",
        (r, at, d) -> {
          String reason = r.parameter("reason");
          return done(board -> board.terminate(at.get(0), reason));
        });
    // Every step decides at once, so there is nothing left to be decided.
    add(
        HttpMethod.PUT,
        "api/workflow/decide/*",
        (r, at, d) -> done(board -> board.workflow(at.get(0))));
  }

  private void addTasks() {
    add(HttpMethod.GET, "api/tasks/poll/batch/*", (r, at, d) -> pollBatch(r, at.get(0), d));
    add(HttpMethod.GET, "api/tasks/poll/*", (r, at, d) -> pollOne(r, at.get(0), d));
    add(HttpMethod.POST, "api/tasks", (r, at, d) -> update(r));
    add(HttpMethod.POST, "api/tasks/update-v2", (r, at, d) -> updateAndPoll(r, d));
    add(
        HttpMethod.GET,
        "api/tasks/queue/size",
        (r, at, d) -> {
          QueueKey queue = new QueueKey(r.required("taskType"), r.parameter("domain"));
          return engine
              .call(board -> board.waiting(queue))
              .map(size -> Answer.json(size.toString()));
        });
    add(
        HttpMethod.GET,
        "api/tasks/*",
        (r, at, d) ->
            engine
                .call(board -> board.task(at.get(0)))
                .map(view -> Answer.json(to -> TaskJson.write(to, view.plan(), view.task()))));
    add(HttpMethod.POST, "api/tasks/*/log", (r, at, d) -> log(r, at.get(0)));
    add(
        HttpMethod.GET,
        "api/tasks/*/log",
        (r, at, d) ->
            engine
                .call(board -> board.logs(at.get(0)))
                .map(lines -> Answer.json(to -> write(to, at.get(0), lines))));
  }

  private void add(HttpMethod method, String pattern, Handler handler) {
    routes.add(new Route(method, List.of(pattern.split("/", -1)), handler));
  }

  /**
   * The answer to a request. Refusals are answers too.
   *
   * @param delivery takes charge of what a poll leases
   */
  Mono<Answer> answer(Request request, Delivery delivery) {
    return Mono.defer(() -> dispatch(request, delivery))
        .onErrorResume(Refusal.class, refusal -> Mono.just(Answer.refused(refusal)));
  }

  /** What keeps a request from being let in, or null. To be asked before its body is read. */
  @Nullable Answer barrier(Request request) {
    Refusal refusal = Pages.refusal(request, tokens != null);
    if (refusal != null) {
      return Answer.refused(refusal);
    }
    List<String> path = request.path();
    boolean isOpen =
        path.equals(List.of("health"))
            || path.equals(List.of("api", "health"))
            || path.equals(List.of("api", "token"));
    return tokens == null || isOpen ? null : tokens.check(request.header("X-Authorization"));
  }

  private Mono<Answer> dispatch(Request request, Delivery delivery) {
    boolean isHead = request.method().equals(HttpMethod.HEAD);
    HttpMethod method = isHead ? HttpMethod.GET : request.method();
    boolean isKnown = false;
    for (Route route : routes) {
      List<String> captured = route.match(request.path());
      if (captured != null) {
        isKnown = true;
        // A poll leases, also for somebody who only wants to look.
        if (route.method().equals(method) && !(isHead && request.path().contains("poll"))) {
          return route.handler().handle(request, captured, delivery);
        }
      }
    }
    if (isKnown) {
      throw Refusal.unreadable("Request method '" + request.method() + "' is not supported");
    }
    throw Refusal.notFound("No such resource: " + request.line() + ". " + SERVED);
  }

  private Mono<Answer> health() {
    String results = "\"healthResults\":[],\"suppressedHealthResults\":[]";
    return engine
        .call(board -> Answer.json("{" + results + ",\"healthy\":true}"))
        .onErrorReturn(Answer.json(503, "{" + results + ",\"healthy\":false}"));
  }

  private Mono<Answer> token(Request request) {
    if (tokens == null) {
      throw Refusal.notFound("There is no token to get: authentication is off");
    }
    return Mono.just(tokens.issue(json(request)));
  }

  // Definitions.

  private Mono<Answer> types() {
    return engine
        .call(Rules::types)
        .map(
            types ->
                Answer.json(
                    "["
                        + String.join(",", types.stream().map(TaskDefinition::json).toList())
                        + "]"));
  }

  private Mono<Answer> define(Request request) {
    List<TaskDefinition> definitions = Bodies.taskDefinitions(json(request));
    definitions.forEach(d -> warn("Task type", d.name(), d.ignored()));
    return done(board -> board.define(definitions));
  }

  private Mono<Answer> redefine(Request request) {
    TaskDefinition definition = Bodies.taskDefinition(json(request));
    warn("Task type", definition.name(), definition.ignored());
    return done(board -> board.redefine(definition));
  }

  private Mono<Answer> workflowTypes() {
    return engine
        .call(Rules::workflowTypes)
        .map(
            types ->
                Answer.json(
                    "["
                        + String.join(",", types.stream().map(WorkflowDefinition::json).toList())
                        + "]"));
  }

  private Mono<Answer> create(Request request) {
    WorkflowDefinition definition = Bodies.workflowDefinition(json(request));
    warn("Workflow", definition.name(), definition.ignored());
    return done(board -> board.create(definition));
  }

  private Mono<Answer> put(Request request) {
    List<WorkflowDefinition> definitions = Bodies.workflowDefinitions(json(request));
    definitions.forEach(d -> warn("Workflow", d.name(), d.ignored()));
    ObjectNode results = Json.object();
    results.putObject("bulkErrorResults");
    var names = results.putArray("bulkSuccessfulResults");
    definitions.forEach(definition -> names.add(definition.name()));
    return done(board -> board.defineWorkflows(definitions))
        .map(ok -> Answer.json(Json.text(results)));
  }

  private static void warn(String what, String name, List<String> ignored) {
    if (!ignored.isEmpty()) {
      LOG.warn(
          "{} {} sets {}, which this server does not honour; Conductor may",
          what,
          Line.of(name),
          ignored);
    }
  }

  private static int version(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw Refusal.unreadable(
          "Method parameter 'version' is \"" + Line.of(text) + "\": expected an integer");
    }
  }

  // Tasks.

  private Mono<Answer> pollBatch(Request request, String type, Delivery delivery) {
    int count = Math.min(request.integer("count", 1), MOST_AT_ONCE);
    int wait = request.integer("timeout", (int) SHORT_WAIT.toMillis());
    if (wait > LONGEST_WAIT_MILLIS) {
      throw Refusal.bad(
          "timeout is " + wait + " ms: Long Poll Timeout value cannot be more than 5 seconds");
    }
    return poll(request, type, count, Duration.ofMillis(Math.max(0, wait)), delivery)
        .map(
            leased ->
                Answer.json(
                    to -> {
                      to.writeStartArray();
                      leased.forEach(view -> TaskJson.write(to, view.plan(), view.task()));
                      to.writeEndArray();
                    }));
  }

  private Mono<Answer> pollOne(Request request, String type, Delivery delivery) {
    return poll(request, type, 1, SHORT_WAIT, delivery).map(Api::oneOrNothing);
  }

  private Mono<List<TaskView>> poll(
      Request request, String type, int count, Duration wait, Delivery delivery) {
    QueueKey queue = new QueueKey(type, request.parameter("domain"));
    return engine
        .poll(queue, request.parameter("workerid"), count, wait)
        .doOnNext(delivery::leased);
  }

  private Mono<Answer> update(Request request) {
    TaskResult result = Bodies.taskResult(json(request));
    return engine.call(board -> board.update(result)).thenReturn(Answer.text(result.taskId()));
  }

  private Mono<Answer> updateAndPoll(Request request, Delivery delivery) {
    TaskResult result = Bodies.taskResult(json(request));
    return engine
        .call(board -> board.update(result))
        .flatMap(queue -> engine.poll(queue, result.workerId(), 1, Duration.ZERO))
        .doOnNext(delivery::leased)
        .map(Api::oneOrNothing);
  }

  private static Answer oneOrNothing(List<TaskView> leased) {
    return leased.isEmpty()
        ? Answer.NO_CONTENT
        : Answer.json(to -> TaskJson.write(to, leased.get(0).plan(), leased.get(0).task()));
  }

  private Mono<Answer> log(Request request, String taskId) {
    if (request.body().length == 0) {
      throw Refusal.unreadable("Required request body is missing");
    }
    String line = new String(request.body(), StandardCharsets.UTF_8);
    return done(board -> board.log(taskId, line));
  }

  private static void write(JsonGenerator to, String taskId, List<LogLine> lines) {
    to.writeStartArray();
    for (LogLine line : lines) {
      to.writeStartObject();
      to.writeStringProperty("log", line.log());
      to.writeStringProperty("taskId", taskId);
      to.writeNumberProperty("createdTime", line.createdTime());
      to.writeEndObject();
    }
    to.writeEndArray();
  }

  private Mono<Answer> done(Consumer<Rules> step) {
    return engine.call(
        board -> {
          step.accept(board);
          return Answer.OK;
        });
  }

  /** The body of a request that must not say it is anything but JSON. */
  private static byte[] json(Request request) {
    String type = request.header("Content-Type");
    if (type != null && !type.toLowerCase(Locale.ROOT).contains("json")) {
      throw Refusal.unreadable("Content-Type '" + Line.of(type) + "' is not supported");
    }
    return request.body();
  }
}
