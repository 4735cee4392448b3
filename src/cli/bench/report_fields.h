// The names of all fields of a report, once, for its writer and its reader.
#ifndef MICROGPT_CLI_BENCH_REPORT_FIELDS_H_
#define MICROGPT_CLI_BENCH_REPORT_FIELDS_H_

#include <concepts>
#include <type_traits>

#include "cli/bench/report.h"

namespace microgpt::cli {

// T is S or const S: one function serves reading and writing.
template <typename T, typename S>
concept MaybeConst = std::same_as<std::remove_const_t<T>, S>;

// VisitFields(x, visit) calls visit(name, field) for each field in order.

template <MaybeConst<CacheReport> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("level", x.level);
  visit("type", x.type);
  visit("bytes", x.bytes);
  visit("count", x.count);
}

template <MaybeConst<MachineReport> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("cpu", x.cpu);
  visit("architecture", x.architecture);
  visit("system", x.system);
  visit("sockets", x.sockets);
  visit("physical_cores", x.physical_cores);
  visit("logical_cpus", x.logical_cpus);
  visit("threads_per_core", x.threads_per_core);
  visit("numa_nodes", x.numa_nodes);
  visit("governor", x.governor);
  visit("affinity", x.affinity);
  visit("cpu_quota", x.cpu_quota);
  visit("memory_bytes", x.memory_bytes);
  visit("caches", x.caches);
}

template <MaybeConst<BuildReport> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("version", x.version);
  visit("commit", x.commit);
  visit("compiler", x.compiler);
  visit("flags", x.flags);
  visit("simd", x.simd);
  visit("executor", x.executor);
  visit("libraries", x.libraries);
}

template <MaybeConst<ProtocolReport> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("repetitions", x.repetitions);
  visit("repetition_seconds", x.repetition_seconds);
  visit("order", x.order);
}

template <MaybeConst<CalibrationReport> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("threads", x.threads);
  visit("peak_gflops", x.peak_gflops);
  visit("read_gigabytes_per_second", x.read_gigabytes_per_second);
}

template <MaybeConst<KernelReport> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("name", x.name);
  visit("shape", x.shape);
  visit("gflops", x.gflops);
  visit("of_peak", x.of_peak);
}

template <MaybeConst<SpreadReport> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("median", x.median);
  visit("min", x.min);
  visit("max", x.max);
  visit("first_quartile", x.first_quartile);
  visit("third_quartile", x.third_quartile);
}

template <MaybeConst<PhaseReport> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("forward", x.forward);
  visit("loss", x.loss);
  visit("backward", x.backward);
  visit("reduce", x.reduce);
  visit("optimizer", x.optimizer);
  visit("idle", x.idle);
}

template <MaybeConst<PointReport> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("threads", x.threads);
  visit("batch_size", x.batch_size);
  visit("num_shards", x.num_shards);
  visit("tokens_per_step", x.tokens_per_step);
  visit("step_times", x.step_times);
  visit("step_seconds", x.step_seconds);
  visit("tokens_per_second", x.tokens_per_second);
  visit("speedup", x.speedup);
  visit("efficiency", x.efficiency);
  visit("gflops", x.gflops);
  visit("of_peak", x.of_peak);
  visit("phases", x.phases);
  visit("digest", x.digest);
}

template <MaybeConst<TorchReport> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("version", x.version);
  visit("setting", x.setting);
  visit("threads", x.threads);
  visit("tokens_per_second", x.tokens_per_second);
  visit("ratio", x.ratio);
}

template <MaybeConst<AmdahlReport> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("serial_seconds", x.serial_seconds);
  visit("parallel_seconds", x.parallel_seconds);
  visit("serial_fraction", x.serial_fraction);
}

template <MaybeConst<ModelReport> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("n_embd", x.n_embd);
  visit("n_layer", x.n_layer);
  visit("n_head", x.n_head);
  visit("block_size", x.block_size);
  visit("vocab_size", x.vocab_size);
  visit("activation", x.activation);
  visit("data", x.data);
  visit("num_params", x.num_params);
  visit("steps_per_repetition", x.steps_per_repetition);
  visit("strong", x.strong);
  visit("weak", x.weak);
  visit("digests_equal", x.digests_equal);
  visit("amdahl", x.amdahl);
  visit("torch", x.torch);
}

template <MaybeConst<RunReport> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("label", x.label);
  visit("date", x.date);
  visit("machine", x.machine);
  visit("build", x.build);
  visit("protocol", x.protocol);
  visit("calibration", x.calibration);
  visit("kernels", x.kernels);
  visit("models", x.models);
}

template <MaybeConst<SuiteRow> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("name", x.name);
  visit("seconds", x.seconds);
  visit("gflops", x.gflops);
  visit("of_peak", x.of_peak);
  visit("gigabytes_per_second", x.gigabytes_per_second);
  visit("tokens_per_second", x.tokens_per_second);
}

template <MaybeConst<SuiteReport> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("label", x.label);
  visit("date", x.date);
  visit("cpu", x.cpu);
  visit("simd", x.simd);
  visit("compiler", x.compiler);
  visit("rows", x.rows);
}

template <MaybeConst<ComparisonRow> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("what", x.what);
  visit("baseline_seconds", x.baseline_seconds);
  visit("contender_seconds", x.contender_seconds);
  visit("speedup", x.speedup);
  visit("p_value", x.p_value);
  visit("verdict", x.verdict);
}

template <MaybeConst<ComparisonReport> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("baseline", x.baseline);
  visit("contender", x.contender);
  visit("test", x.test);
  visit("rows", x.rows);
}

template <MaybeConst<BenchReport> T, typename Visit>
void VisitFields(T& x, Visit&& visit) {
  visit("runs", x.runs);
  visit("suites", x.suites);
  visit("comparisons", x.comparisons);
}

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_BENCH_REPORT_FIELDS_H_
