package dev.holdfast.local.wire;

import static dev.holdfast.local.wire.Step.call;
import static dev.holdfast.local.wire.Step.get;
import static dev.holdfast.local.wire.Step.post;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The requests, good and bad. Each that changes something is followed by one that shows what it
 * did. {@code $u;} is unique to a run.
 */
final class Script {

  private static final String TYPE =
      "{'name':'%s','ownerEmail':'a@example.com','retryCount':%d,'retryDelaySeconds':0,"
          + "'timeoutSeconds':0,'responseTimeoutSeconds':%d}";
  private static final String FLOW =
      "{'name':'%s','version':1,'schemaVersion':2,'ownerEmail':'a@example.com','timeoutSeconds':0,"
          + "'tasks':[{'name':'%s','taskReferenceName':'ref','type':'SIMPLE','inputParameters':%s}]}";
  private static final String INPUTS =
      "{'x':'${workflow.input.x}','y':'${workflow.input[^a-b^]}','gone':'${workflow.input.gone}',"
          + "'text':'n=${workflow.input.x}, ${workflow.input.gone}!','deep':'${workflow.input.o.p}',"
          + "'second':'${workflow.input.l[1]}','list':['${workflow.input.x}'],"
          + "'flow':'${workflow.workflowType}','plain':7}";
  private static final String A = "type-a-$u;";
  private static final String POLL = "/api/tasks/poll/batch/%s?workerid=w1&count=%d&timeout=%d";

  private final List<Step> steps = new ArrayList<>();

  private Script() {}

  static List<Step> steps() {
    Script script = new Script();
    script.taskTypes();
    script.workflowTypes();
    script.starts();
    script.polls();
    script.updates();
    script.ends();
    script.retries();
    script.domains();
    script.routes();
    script.ours();
    script.negative();
    return List.copyOf(script.steps);
  }

  private void add(Step... more) {
    steps.addAll(List.of(more));
  }

  private void taskTypes() {
    String path = "/api/metadata/taskdefs";
    add(
        get("an unknown task type", path + "/" + A),
        post("define a task type", path, "[" + TYPE.formatted(A, 1, 600) + "]"),
        get("a task type", path + "/" + A),
        call("redefine a task type", "PUT", path, TYPE.formatted(A, 0, 600)),
        get("a redefined task type", path + "/" + A),
        call("redefine an unknown task type", "PUT", path, TYPE.formatted("no-$u;", 1, 600)),
        post("define a task type twice", path, "[" + TYPE.formatted(A, 1, 600) + "]"),
        post("define no task type", path, "[]"),
        post("define a task type without a list", path, TYPE.formatted(A, 1, 600)),
        post("define a task type without an owner", path, "[{'name':'x-$u;'}]"),
        post("define a task type without a name", path, "[{'ownerEmail':'a@example.com'}]"),
        post(
            "define a task type with retries below 0", path, "[" + TYPE.formatted(A, -1, 60) + "]"),
        post("define a task type without a lease", path, "[" + TYPE.formatted(A, 1, 0) + "]"),
        post(
            "define a task type whose lease is beyond its limit",
            path,
            "[{'name':'x-$u;','ownerEmail':'a@example.com','timeoutSeconds':5,"
                + "'responseTimeoutSeconds':6}]"),
        post(
            "define a task type with bad logic",
            path,
            "[{'name':'x-$u;','ownerEmail':'a@example.com','retryLogic':'NEVER'}]"),
        post(
            "define a task type with a word for a number",
            path,
            "[{'name':'x-$u;','ownerEmail':'a@example.com','retryCount':'many'}]"),
        get("a task type that was refused", path + "/x-$u;"),
        post("define a task type in broken JSON", path, "[{"),
        post("define a task type in nothing", path, ""),
        post("define a task type in text", path, "[]").as("text/plain"),
        post("define a type to remove", path, "[" + TYPE.formatted("rm-$u;", 1, 60) + "]"),
        call("remove a task type", "DELETE", path + "/rm-$u;", null),
        get("a removed task type", path + "/rm-$u;"),
        call("remove an unknown task type", "DELETE", path + "/rm-$u;", null));
  }

  private void workflowTypes() {
    String path = "/api/metadata/workflow";
    add(
        get("an unknown workflow type", path + "/" + A),
        get("an unknown version", path + "/" + A + "?version=1"),
        call("put a workflow type", "PUT", path, "[" + FLOW.formatted(A, A, INPUTS) + "]"),
        get("a workflow type", path + "/" + A),
        get("a version", path + "/" + A + "?version=1"),
        get("a version that is no number", path + "/" + A + "?version=x"),
        post("create a workflow type that is there", path, FLOW.formatted(A, A, INPUTS)),
        post("create a workflow type", path, FLOW.formatted("new-$u;", A, "{}")),
        call("remove a workflow type", "DELETE", path + "/new-$u;/1", null),
        get("a removed workflow type", path + "/new-$u;"),
        call("remove an unknown workflow type", "DELETE", path + "/new-$u;/1", null),
        call("put a workflow type without a list", "PUT", path, FLOW.formatted(A, A, "{}")),
        call(
            "put a workflow type without a name",
            "PUT",
            path,
            "[" + FLOW.formatted("", A, "{}") + "]"),
        call(
            "put a workflow type without tasks",
            "PUT",
            path,
            "[{'name':'x-$u;','ownerEmail':'a@example.com','tasks':[]}]"),
        call(
            "put a workflow type without a reference",
            "PUT",
            path,
            "[{'name':'x-$u;','ownerEmail':'a@example.com','tasks':[{'name':'" + A + "'}]}]"),
        call("put a workflow type in broken JSON", "PUT", path, "nope"),
        call(
            "put a workflow type with a bad expression",
            "PUT",
            path,
            "[" + FLOW.formatted("x-$u;", A, "{'a':'${nothing.here}'}") + "]"));
  }

  private void starts() {
    add(
        post("start an unknown workflow", "/api/workflow/no-$u;", "{}"),
        post("start an unknown version", "/api/workflow/" + A + "?version=9", "{}"),
        post("start a version that is no number", "/api/workflow/" + A + "?version=x", "{}"),
        post("start with nothing", "/api/workflow/" + A, ""),
        post("start with a list", "/api/workflow/" + A, "[1]"),
        post("start with broken JSON", "/api/workflow/" + A, "{x"),
        post("start with too high a priority", "/api/workflow/" + A + "?priority=100", "{}"),
        post(
                "start a workflow",
                "/api/workflow/" + A + "?correlationId=c1&priority=7",
                "{'x':5,'a-b':'sp','o':{'p':[1]},'l':['u','v']}")
            .capture("flow", ""),
        get("a workflow", "/api/workflow/$flow;").capture("task", "/tasks/0/taskId"),
        get("a workflow without its tasks", "/api/workflow/$flow;?includeTasks=false"),
        get("a workflow with a bad flag", "/api/workflow/$flow;?includeTasks=x"),
        get("an unknown workflow", "/api/workflow/no-$u;"),
        post("start without a name", "/api/workflow", "{}"),
        post("start by request what is unknown", "/api/workflow", "{'name':'no-$u;'}"),
        post("start by request with a list", "/api/workflow", "{'name':'" + A + "','input':[1]}"),
        post(
            "start by request, priority -1", "/api/workflow", "{'name':'" + A + "','priority':-1}"),
        post(
            "start by request with a bad strategy",
            "/api/workflow",
            "{'name':'" + A + "','idempotencyKey':'k','idempotencyStrategy':'BAD'}"),
        post(
                "start a definition of its own",
                "/api/workflow",
                "{'name':'own-$u;','version':1,'input':{'x':3},'workflowDef':"
                    + FLOW.formatted("own-$u;", "own-$u;", "{'x':'${workflow.input.x}'}")
                    + "}")
            .capture("own", ""),
        get("a workflow of an undefined type", "/api/workflow/$own;"),
        get("a definition that was not registered", "/api/metadata/workflow/own-$u;"),
        post(
            "start a definition without tasks",
            "/api/workflow",
            "{'name':'own-$u;','workflowDef':{'name':'own-$u;','tasks':[]}}"),
        call("decide a workflow", "PUT", "/api/workflow/decide/$flow;", null),
        call("decide an unknown workflow", "PUT", "/api/workflow/decide/no-$u;", null));
  }

  private void polls() {
    add(
        get("the size of a queue", "/api/tasks/queue/size?taskType=" + A),
        get("the size of no queue", "/api/tasks/queue/size"),
        get("the size of an unknown queue", "/api/tasks/queue/size?taskType=no-$u;"),
        get("a scheduled task", "/api/tasks/$task;"),
        get("poll for too long", POLL.formatted(A, 1, 5001)),
        get("poll for none", POLL.formatted(A, 0, 10)),
        get("poll for less than none", POLL.formatted("no-$u;", -1, 10)),
        get("poll for a word", "/api/tasks/poll/batch/" + A + "?count=x"),
        get("poll a blank domain", POLL.formatted(A, 1, 10) + "&domain="),
        get("poll", POLL.formatted(A, 1, 1000)),
        get("poll what is empty", POLL.formatted(A, 1, 0)),
        get("poll what nobody defined", POLL.formatted("no-$u;", 1, 0)),
        get("poll one of what is empty", "/api/tasks/poll/" + A + "?workerid=w1"),
        get("a leased task", "/api/tasks/$task;"),
        get("the size of an emptied queue", "/api/tasks/queue/size?taskType=" + A),
        get("poll what is of an undefined type", "/api/tasks/poll/own-$u;?workerid=w2"));
  }

  private static String result(String task, String flow, String rest) {
    return "{'taskId':'$" + task + ";','workflowInstanceId':'$" + flow + ";'" + rest + "}";
  }

  private void updates() {
    String path = "/api/tasks";
    add(
        post("update in broken JSON", path, "{x"),
        post("update with nothing", path, ""),
        post("update with a list", path, "[]"),
        post("update without ids", path, "{'status':'COMPLETED'}"),
        post("update without a status", path, result("task", "flow", "")),
        post("update to what is no status", path, result("task", "flow", ",'status':'DONE'")),
        post("update to TIMED_OUT", path, result("task", "flow", ",'status':'TIMED_OUT'")),
        post(
            "update with a list for output",
            path,
            result("task", "flow", ",'status':'COMPLETED','outputData':[1]")),
        post(
            "update an unknown workflow",
            path,
            "{'taskId':'$task;','workflowInstanceId':'no','status':'COMPLETED'}"),
        post(
            "update an unknown task",
            path,
            "{'taskId':'no','workflowInstanceId':'$flow;','status':'COMPLETED'}"),
        post(
            "extend an unknown lease",
            path,
            "{'taskId':'no','workflowInstanceId':'no','status':'IN_PROGRESS','extendLease':true}"),
        get("a task after bad updates", "/api/tasks/$task;"),
        post(
            "extend a lease",
            path,
            result("task", "flow", ",'status':'IN_PROGRESS','extendLease':true")),
        get("a task whose lease was extended", "/api/tasks/$task;"),
        post("log a line", path + "/$task;/log", "a line").as("text/plain"),
        post("log a line of JSON", path + "/$task;/log", "{'a':1}"),
        post("log nothing", path + "/$task;/log", ""),
        get("the lines of a task", path + "/$task;/log").until("/1"),
        get("the lines of an unknown task", path + "/nobody-$u;/log"),
        post(
            "hand back for later",
            path,
            result(
                "task",
                "flow",
                ",'status':'IN_PROGRESS','callbackAfterSeconds':60,'workerId':'w1',"
                    + "'outputData':{'page':2}")),
        get("a task that was handed back", "/api/tasks/$task;"),
        get("the size of a queue with a delayed task", "/api/tasks/queue/size?taskType=" + A),
        get("poll what is delayed", POLL.formatted(A, 1, 0)),
        post("release", path, result("task", "flow", ",'status':'IN_PROGRESS','workerId':'w1'")),
        get("a released task", "/api/tasks/$task;"),
        get("poll a released task", POLL.formatted(A, 1, 1000).replace("w1", "w2")),
        post(
            "complete",
            path,
            result("task", "flow", ",'status':'COMPLETED','workerId':'w2','outputData':{'a':1}")),
        get("a completed workflow", "/api/workflow/$flow;"),
        post(
            "complete again",
            path,
            result("task", "flow", ",'status':'COMPLETED','outputData':{'a':2}")),
        post("fail what is completed", path, result("task", "flow", ",'status':'FAILED'")),
        post("release what is completed", path, result("task", "flow", ",'status':'IN_PROGRESS'")),
        post(
            "extend the lease of what is completed",
            path,
            result("task", "flow", ",'status':'IN_PROGRESS','extendLease':true")),
        get("a task after late updates", "/api/tasks/$task;"));
  }

  private Step started(String name, String variable) {
    return post(name, "/api/workflow/" + A, "{'x':1}").capture(variable, "");
  }

  private Step leased(String name, String variable) {
    return get(name, POLL.formatted(A, 1, 2000)).capture(variable, "/0/taskId");
  }

  private void ends() {
    String path = "/api/tasks";
    add(
        started("start to fail for good", "f1"),
        leased("poll to fail for good", "t1"),
        post(
            "fail for good",
            path,
            result(
                "t1",
                "f1",
                ",'status':'FAILED_WITH_TERMINAL_ERROR','reasonForIncompletion':'never',"
                    + "'outputData':{'o':1},'logs':[{'log':'l1'},{'log':'l2','createdTime':5}]")),
        get("a workflow that failed for good", "/api/workflow/$f1;"),
        get("the lines of an update", path + "/$t1;/log").until("/1"),
        started("start to terminate", "f2"),
        call("terminate", "DELETE", "/api/workflow/$f2;?reason=why", null),
        get("a terminated workflow", "/api/workflow/$f2;"),
        get("poll what is terminated", POLL.formatted(A, 1, 0)),
        call("terminate again", "DELETE", "/api/workflow/$f2;", null),
        call("terminate an unknown workflow", "DELETE", "/api/workflow/no-$u;", null),
        started("start to terminate while leased", "f3"),
        leased("poll to terminate", "t3"),
        call("terminate while leased", "DELETE", "/api/workflow/$f3;", null),
        get("a workflow terminated while leased", "/api/workflow/$f3;"),
        post("complete what is terminated", path, result("t3", "f3", ",'status':'COMPLETED'")),
        get("a task of a terminated workflow", "/api/tasks/$t3;"),
        started("start to complete unpolled", "f4"),
        get("a workflow to complete unpolled", "/api/workflow/$f4;")
            .capture("t4", "/tasks/0/taskId"),
        post(
            "complete unpolled", path, result("t4", "f4", ",'status':'COMPLETED','workerId':'w1'")),
        get("a workflow completed unpolled", "/api/workflow/$f4;"),
        get("poll what was completed unpolled", POLL.formatted(A, 1, 0)),
        started("start to update and poll", "f5"),
        leased("poll to update and poll", "t5"),
        started("start the next", "f6"),
        get("the next is queued", "/api/tasks/queue/size?taskType=" + A),
        post(
                "update and poll",
                path + "/update-v2",
                result("t5", "f5", ",'status':'COMPLETED','workerId':'w1'"))
            .capture("t6", "/taskId"),
        post(
            "update and poll what is empty",
            path + "/update-v2",
            result("t6", "f6", ",'status':'COMPLETED','workerId':'w1'")),
        get("a workflow that was updated and polled", "/api/workflow/$f6;"),
        post("update and poll in broken JSON", path + "/update-v2", "{x"),
        post(
            "update and poll an unknown workflow",
            path + "/update-v2",
            "{'taskId':'no','workflowInstanceId':'no','status':'COMPLETED'}"));
  }

  private void retries() {
    String path = "/api/tasks";
    String long600 = "R".repeat(600);
    add(
        started("start to fail", "f7"),
        leased("poll to fail", "t7"),
        post(
            "fail",
            path,
            result(
                "t7",
                "f7",
                ",'status':'FAILED','workerId':'w1','outputData':{'o':2},"
                    + "'reasonForIncompletion':'"
                    + long600
                    + "'")),
        get("a workflow with a retry", "/api/workflow/$f7;").capture("t8", "/tasks/1/taskId"),
        post("complete what has failed", path, result("t7", "f7", ",'status':'COMPLETED'")),
        get("poll a retry", POLL.formatted(A, 1, 2000)),
        post(
            "fail the last retry",
            path,
            result("t8", "f7", ",'status':'FAILED','reasonForIncompletion':'bad'")),
        get("a failed workflow", "/api/workflow/$f7;"));
    backoff("FIXED");
    backoff("LINEAR_BACKOFF");
    backoff("EXPONENTIAL_BACKOFF");
  }

  private void backoff(String logic) {
    String type = logic.substring(0, 3).toLowerCase(java.util.Locale.ROOT) + "-$u;";
    String flow = "flow" + logic.charAt(0);
    String task = "task" + logic.charAt(0);
    String again = "again" + logic.charAt(0);
    String fail = ",'status':'FAILED'";
    add(
        post(
            "define " + logic,
            "/api/metadata/taskdefs",
            "[{'name':'"
                + type
                + "','ownerEmail':'a@example.com','retryCount':3,'retryDelaySeconds':30,"
                + "'backoffScaleFactor':2,'retryLogic':'"
                + logic
                + "'}]"),
        post(
                "start " + logic,
                "/api/workflow",
                "{'name':'" + type + "','workflowDef':" + FLOW.formatted(type, type, "{}") + "}")
            .capture(flow, ""),
        get("poll " + logic, POLL.formatted(type, 1, 2000)).capture(task, "/0/taskId"),
        post("fail " + logic, "/api/tasks", result(task, flow, fail)),
        get("delayed " + logic, "/api/workflow/$" + flow + ";").capture(again, "/tasks/1/taskId"),
        post("fail again " + logic, "/api/tasks", result(again, flow, fail)),
        get("delayed again " + logic, "/api/workflow/$" + flow + ";"));
  }

  private void domains() {
    String start = "{'name':'" + A + "','input':{'x':1},'taskToDomain':{'%s':'%s'}}";
    add(
        post("start in a domain", "/api/workflow", start.formatted(A, "blue")).capture("f9", ""),
        get("a workflow in a domain", "/api/workflow/$f9;"),
        get("poll another queue", POLL.formatted(A, 1, 0)),
        get("the size of a domain's queue", "/api/tasks/queue/size?domain=blue&taskType=" + A),
        get("poll a domain", POLL.formatted(A, 1, 2000) + "&domain=blue"),
        post("start in a domain that nobody polls", "/api/workflow", start.formatted("*", "x, y"))
            .capture("f10", ""),
        get("poll the last of the domains", POLL.formatted(A, 1, 2000) + "&domain=y"),
        post(
                "start in a domain that is polled",
                "/api/workflow",
                start.formatted("*", "y,NO_DOMAIN"))
            .capture("f11", ""),
        get("poll the domain that was polled", POLL.formatted(A, 1, 2000) + "&domain=y"),
        post("start in no domain", "/api/workflow", start.formatted("*", "unseen,NO_DOMAIN"))
            .capture("f12", ""),
        leased("poll no domain", "t12"));
  }

  private void routes() {
    add(
        get("health", "/health"),
        get("an unknown route", "/api/nothing"),
        get("an unknown root", "/nothing"),
        get("a route of another method", "/api/tasks"),
        call("another method of a route", "PUT", "/api/tasks", "{}"),
        call("remove a task", "DELETE", "/api/tasks/$task;", null),
        call("patch", "PATCH", "/api/tasks", "{}"),
        call("the head of a task", "HEAD", "/api/tasks/$task;", null),
        call("the head of health", "HEAD", "/health", null),
        post("a token where there is none", "/api/token", "{'keyId':'a','keySecret':'b'}"),
        get("poll no type", "/api/tasks/poll/batch/"));
  }

  /** Where we differ on purpose. */
  private void ours() {
    String many =
        "[{'name':'two-$u;','version':1,'ownerEmail':'a@example.com','tasks':["
            + "{'name':'%1$s','taskReferenceName':'r1','type':'SIMPLE'},"
            + "{'name':'%1$s','taskReferenceName':'r2','type':'SIMPLE'}]}]";
    String once =
        "{'name':'" + A + "','input':{},'idempotencyKey':'k-$u;','idempotencyStrategy':'%s'}";
    add(
        get("an unknown task", "/api/tasks/no-$u;"),
        get("health below the API", "/api/health"),
        post("log to an unknown task", "/api/tasks/no-$u;/log", "x").as("text/plain"),
        get("events", "/api/event"),
        call(
            "put a workflow type of two tasks", "PUT", "/api/metadata/workflow", many.formatted(A)),
        call(
            "put a workflow type of a system task",
            "PUT",
            "/api/metadata/workflow",
            "[" + FLOW.formatted("wait-$u;", A, "{}").replace("SIMPLE", "WAIT") + "]"),
        call(
            "put a workflow type with a space in an expression",
            "PUT",
            "/api/metadata/workflow",
            "[" + FLOW.formatted("sp-$u;", A, "{'s':'${workflow.input[^a b^]}'}") + "]"),
        post(
            "define a task type with many retries",
            "/api/metadata/taskdefs",
            "[" + TYPE.formatted("many-$u;", 5000, 60) + "]"),
        post("update without a content type", "/api/tasks", "{'status':'COMPLETED'}").as(null),
        post("start once", "/api/workflow", once.formatted("FAIL")).capture("first", ""),
        post("start twice", "/api/workflow", once.formatted("FAIL")),
        post("start it or the existing", "/api/workflow", once.formatted("RETURN_EXISTING")),
        call("end what was started once", "DELETE", "/api/workflow/$first;", null),
        post(
            "poll nothing more",
            "/api/metadata/taskdefs",
            "[" + TYPE.formatted("b-$u;", 0, 1) + "]"),
        post(
                "start one of few",
                "/api/workflow",
                "{'name':'b-$u;','workflowDef':" + FLOW.formatted("b-$u;", "b-$u;", "{}") + "}")
            .capture("fb", ""),
        get("poll for more than there is", POLL.formatted("b-$u;", 5, 3000))
            .capture("tb", "/0/taskId")
            .timed(Duration.ofMillis(2500)),
        get("a task whose lease has lapsed", "/api/tasks/$tb;").after(Duration.ofMillis(1500)),
        post(
                "start to cancel",
                "/api/workflow",
                "{'name':'b-$u;','workflowDef':" + FLOW.formatted("b-$u;", "b-$u;", "{}") + "}")
            .capture("fc", ""),
        get("a workflow to cancel", "/api/workflow/$fc;").capture("tc", "/tasks/0/taskId"),
        post("cancel a task", "/api/tasks", result("tc", "fc", ",'status':'CANCELED'")),
        get("a workflow whose task was cancelled", "/api/workflow/$fc;"));
  }

  private void negative() {
    String start = "{'name':'%1$s','workflowDef':" + FLOW.formatted("%1$s", "%1$s", "{}") + "}";
    add(
        post("start one to hand back", "/api/workflow", start.formatted("past-$u;"))
            .capture("fp", ""),
        get("poll one to hand back", POLL.formatted("past-$u;", 1, 1000))
            .capture("tp", "/0/taskId"),
        post(
            "hand back for the past",
            "/api/tasks",
            result("tp", "fp", ",'status':'IN_PROGRESS','callbackAfterSeconds':-5")),
        get("a task that was handed back for the past", "/api/tasks/$tp;"),
        get("poll what was handed back for the past", POLL.formatted("past-$u;", 1, 1000)),
        post("start one beside none", "/api/workflow", start.formatted("less-$u;"))
            .capture("fq", ""),
        get("poll for less than none of one", POLL.formatted("less-$u;", -1, 10)),
        get("poll after less than none", POLL.formatted("less-$u;", 1, 1000)));
  }
}
