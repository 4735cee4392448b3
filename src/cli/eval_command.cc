#include <fmt/format.h>
#include <unistd.h>

#include <string>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/writer.h"
#include "microgpt/checkpoint.h"
#include "microgpt/evaluator.h"

namespace microgpt::cli {
namespace {

std::string Describe(const Evaluation& result, bool ids) {
  std::string text = fmt::format("loss: {:.6f}\nperplexity: {:.6f}\n",
                                 result.loss, result.perplexity());
  text +=
      ids ? fmt::format("bits per token: {:.6f}\ntokens: {}\n",
                        result.bits_per_token(), result.tokens)
          : fmt::format(
                "bits per character: {:.6f}\ntokens: {}\ncharacters: {}\n",
                result.bits_per_character(), result.tokens, result.characters);
  return text + fmt::format("num docs: {}\n", result.documents);
}

}  // namespace

int RunEval(const Options& options) {
  const Checkpoint checkpoint =
      Checkpoint::Open(options.checkpoint, CheckpointUse::kInference);
  RefuseOtherTokens(options, checkpoint);
  const std::string path = InputPath(options);
  const CorpusOptions cut = CorpusOptionsOf(checkpoint.state().config);
  const Corpus corpus =
      path.empty() ? BuiltInCorpus(cut, checkpoint.tokenizer())
                   : Corpus::FromFile(path, cut, checkpoint.tokenizer());
  EvaluateOptions evaluate;
  evaluate.threads = options.train.threads;
  const Evaluation result = Evaluate(checkpoint.LoadModel(), corpus, evaluate);
  Writer out(STDOUT_FILENO, "standard output");
  out.Append(Describe(result, checkpoint.tokenizer().is_ids()));
  out.Flush();
  return kExitOk;
}

}  // namespace microgpt::cli
