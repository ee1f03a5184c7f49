package dev.holdfast.local;

import java.util.List;

/** A workflow as it stands, with its tasks. */
record WorkflowView(Workflow workflow, List<LocalTask> tasks) {}
