#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/samples.h"
#include "cli/writer.h"
#include "microgpt/checkpoint.h"

namespace microgpt::cli {

int RunSample(const Options& options) {
  const Checkpoint checkpoint =
      Checkpoint::Open(options.checkpoint, CheckpointUse::kInference);
  SampleOptions sample = options.sample;
  if (!options.Given("--seed")) sample.seed = checkpoint.state().config.seed;
  Writer out(STDOUT_FILENO, "standard output");
  AppendSamples(checkpoint.LoadModel(), checkpoint.tokenizer(), sample, out);
  out.Flush();
  return kExitOk;
}

}  // namespace microgpt::cli
