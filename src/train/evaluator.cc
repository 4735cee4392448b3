#include "microgpt/evaluator.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "base/scalar_math.h"
#include "microgpt/error.h"
#include "microgpt/system.h"
#include "train/document_pass.h"
#include "train/evaluation.h"
#include "train/executor.h"
#include "train/gradient_shards.h"
#include "train/thread_plan.h"

namespace microgpt {
namespace {

[[noreturn]] void ThrowNotFinite(const Corpus& corpus, std::size_t document) {
  throw Error(ErrorKind::kNumeric,
              "document " + std::to_string(document + 1) + " '" +
                  QuoteText(corpus.Document(document)) +
                  "': its loss is not finite; the model is spoiled");
}

// In the order of shards, whoever worked on them.
Evaluation Sum(const Corpus& corpus, const ShardPlan& shards,
               const std::vector<ShardLoss>& losses) {
  Evaluation total;
  double sum = 0;
  for (std::size_t shard = 0; shard < losses.size(); ++shard) {
    const ShardLoss& loss = losses[shard];
    if (loss.bad_document >= 0) {
      ThrowNotFinite(corpus, shards.Begin(shard) +
                                 static_cast<std::size_t>(loss.bad_document));
    }
    sum += loss.sum;
    total.tokens += loss.tokens;
    total.characters += loss.tokens - loss.ends;
  }
  if (corpus.tokenizer().is_ids()) total.characters = 0;
  total.documents = static_cast<std::int64_t>(corpus.num_documents());
  total.loss = sum / static_cast<double>(total.tokens);
  return total;
}

// As of a small model: there are no gradients to sum.
ShardPlan ShardsOf(const ModelConfig& config, const Corpus& corpus) {
  return {corpus.num_documents(), static_cast<std::size_t>(config.block_size),
          0};
}

}  // namespace

Evaluation EvaluateWith(const Parameters& parameters, const Corpus& corpus,
                        Executor& executor, std::span<DocumentPass> passes) {
  const ShardPlan shards = ShardsOf(parameters.layout().config(), corpus);
  std::vector<ShardLoss> losses(shards.count());
  executor.ForEach(shards.count(), [&](int worker, std::size_t shard) {
    std::vector<std::size_t> documents(shards.Begin(shard + 1) -
                                       shards.Begin(shard));
    std::iota(documents.begin(), documents.end(), shards.Begin(shard));
    losses[shard] = passes[static_cast<std::size_t>(worker)].RunForward(
        parameters, corpus, documents);
  });
  return Sum(corpus, shards, losses);
}

double Evaluation::perplexity() const { return Exp(loss); }

double Evaluation::bits_per_character() const {
  return loss * static_cast<double>(tokens) /
         (Log(2) * static_cast<double>(characters));
}

double Evaluation::bits_per_token() const { return loss / Log(2); }

Evaluation Evaluate(const Model& model, const Corpus& corpus,
                    const EvaluateOptions& options) {
  const ModelConfig& config = model.config();
  if (corpus.tokenizer().vocab_size() != config.vocab_size) {
    throw Error(ErrorKind::kInput,
                "the corpus has " +
                    std::to_string(corpus.tokenizer().vocab_size()) +
                    " tokens, the model " + std::to_string(config.vocab_size));
  }
  const ShardPlan shards = ShardsOf(config, corpus);
  const int wanted = options.threads > 0 ? options.threads : DefaultThreads();
  const ThreadPlan plan = PlanEvaluation(config, shards, wanted);
  const std::unique_ptr<Executor> threads =
      MakeExecutor(options.executor, plan.workers);
  const std::unique_ptr<Executor> serial = MakeExecutor(options.executor, 1);
  std::vector<DocumentPass> passes;
  passes.reserve(plan.passes());
  for (std::size_t i = 0; i < plan.passes(); ++i) {
    passes.emplace_back(
        config,
        DocumentPass::ShapeFor(config, shards.max_documents(), Keep::kForLosses,
                               plan.pack_workers()),
        plan.parallel_packs ? *threads : *serial);
  }
  return EvaluateWith(model.parameters(), corpus,
                      plan.parallel_shards ? *threads : *serial, passes);
}

}  // namespace microgpt
