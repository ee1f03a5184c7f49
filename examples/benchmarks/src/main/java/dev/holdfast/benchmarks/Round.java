package dev.holdfast.benchmarks;

/**
 * What one subject did in one round.
 *
 * @param tasksPerSecond completed tasks
 * @param cpuMicros CPU time of its process, a task
 * @param allocatedBytes on its heap, a task
 * @param rssMiB its resident memory at the end
 * @param threads its threads at the end
 * @param requests that the server had of it, a task
 * @param takingNext the share of its results that were sent with a request for the next task
 * @param load its CPU time, in cores
 * @param serverLoad the server's CPU time, in cores
 * @param othersLoad the CPU time of everything else on the machine, in cores
 * @param idleLoad the CPU time of the subjects whose turn it was not, in cores
 * @param held tasks between handing out and result, on average
 * @param freeP99Millis how long a slot stood free, as the server sees it: 99 % less than that
 * @param freeMaxMillis the longest of these
 */
record Round(
    double tasksPerSecond,
    double cpuMicros,
    double allocatedBytes,
    double rssMiB,
    double threads,
    double requests,
    double takingNext,
    double load,
    double serverLoad,
    double othersLoad,
    double idleLoad,
    double held,
    double freeP99Millis,
    double freeMaxMillis) {}
