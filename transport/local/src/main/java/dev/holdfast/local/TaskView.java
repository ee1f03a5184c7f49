package dev.holdfast.local;

/** A task as it stands, with what its workflow says of it. */
record TaskView(Workflow.Plan plan, LocalTask task) {}
