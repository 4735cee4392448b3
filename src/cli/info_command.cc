#include <fmt/format.h>
#include <unistd.h>

#include <optional>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/format_bytes.h"
#include "cli/input.h"
#include "cli/writer.h"
#include "microgpt/checkpoint.h"
#include "microgpt/system.h"

namespace microgpt::cli {
namespace {

std::string SimdLine() {
  std::string names;
  for (const std::string& name : SimdTargets()) {
    names += (names.empty() ? "" : ", ") + name;
  }
  return fmt::format("simd: {} (available: {})\n", SimdTarget(), names);
}

std::string MachineLines() {
  const CpuBudget budget = GetCpuBudget();
  const std::optional<std::uint64_t> memory = AvailableMemoryBytes();
  return fmt::format("microgpt {} ({}, {})\n", Version(), CompilerName(),
                     DefaultExecutorName()) +
         fmt::format("cpu: {}\n", budget.model_name.empty()
                                      ? "unknown"
                                      : budget.model_name) +
         fmt::format("cpus allowed: {} logical, {} physical cores, quota {}\n",
                     budget.logical_cpus, budget.physical_cores,
                     budget.quota ? fmt::format("{:.2f}", *budget.quota)
                                  : std::string("none")) +
         fmt::format("default threads: {}\n", DefaultThreads()) + SimdLine() +
         fmt::format("memory available: {}\n",
                     memory ? FormatBytes(*memory) : "unknown");
}

// config: complete.
std::string ModelLines(const TrainConfig& config, std::uint64_t corpus_bytes) {
  return fmt::format("num params: {}\ntraining FLOPs per token: {:.0f}\n",
                     ParameterCount(config.model),
                     FlopsPerToken(config.model)) +
         fmt::format(
             "training memory, {} threads: {}\n", config.threads,
             FormatEstimate(EstimateTrainingMemory(config, corpus_bytes)));
}

std::string CheckpointLines(const Checkpoint& checkpoint) {
  const CheckpointState& state = checkpoint.state();
  const TrainProgress& progress = state.progress;
  std::string text = fmt::format(
      "checkpoint: {} (saved by microgpt {})\n"
      "step: {} of {}\n"
      "vocab size: {}, num docs: {}\n"
      "num params: {}\n"
      "input: {}\n"
      "validation input: {}\n"
      "save every: {}\n",
      checkpoint.folder(), state.program_version, progress.step,
      state.config.num_steps, state.config.model.vocab_size,
      progress.num_documents, ParameterCount(state.config.model),
      state.run.input.empty() ? "built-in names" : state.run.input,
      state.run.val_input.empty() ? "none" : state.run.val_input,
      state.run.save_every);
  for (const ConfigField& field : FieldsOf(state.config)) {
    text += fmt::format("{}: {}\n", field.name, field.value);
  }
  if (!progress.recent_losses.empty()) {
    text += fmt::format("last loss: {:.4f}\n", progress.recent_losses.back());
  }
  const ValidationProgress& validation = progress.validation;
  if (validation.count > 0) {
    text += fmt::format(
        "validations: {}\nbest validation loss: {:.4f} at step {}\n",
        validation.count, validation.best_loss, validation.best_step);
  }
  return text + "digest: " + progress.digest + "\n";
}

std::string MachineAndModelLines(const Options& options) {
  if (options.vocab_size > 0 && options.tokens.empty()) {
    TrainConfig config = options.train;
    config.model.vocab_size = options.vocab_size;
    if (config.threads == 0) config.threads = DefaultThreads();
    return MachineLines() +
           fmt::format("vocab size: {}\n", options.vocab_size) +
           ModelLines(config, 0);
  }
  const Corpus corpus = LoadCorpus(InputPath(options), options);
  const TrainConfig config = CompleteConfig(options, corpus);
  return MachineLines() +
         fmt::format("vocab size: {}, num docs: {}\n", config.model.vocab_size,
                     corpus.num_documents()) +
         ModelLines(config, corpus.memory_bytes());
}

}  // namespace

int RunInfo(const Options& options) {
  const std::string text =
      options.checkpoint.empty()
          ? MachineAndModelLines(options)
          : CheckpointLines(
                Checkpoint::Open(options.checkpoint, CheckpointUse::kResume));
  Writer out(STDOUT_FILENO, "standard output");
  out.Append(text);
  out.Flush();
  return kExitOk;
}

}  // namespace microgpt::cli
