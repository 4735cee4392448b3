#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/writer.h"
#include "microgpt/checkpoint.h"
#include "microgpt/evaluator.h"

namespace microgpt::cli {

int RunEval(const Options& options) {
  const Checkpoint checkpoint =
      Checkpoint::Open(options.checkpoint, CheckpointUse::kInference);
  const Corpus corpus = Corpus::FromFile(options.input, checkpoint.tokenizer());
  EvaluateOptions evaluate;
  evaluate.threads = options.train.threads;
  const Evaluation result = Evaluate(checkpoint.LoadModel(), corpus, evaluate);
  Writer out(STDOUT_FILENO, "standard output");
  out.Append(fmt::format(
      "loss: {:.6f}\nperplexity: {:.6f}\nbits per character: {:.6f}\n"
      "tokens: {}\ncharacters: {}\nnum docs: {}\n",
      result.loss, result.perplexity(), result.bits_per_character(),
      result.tokens, result.characters, result.documents));
  out.Flush();
  return kExitOk;
}

}  // namespace microgpt::cli
