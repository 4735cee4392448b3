#include "microgpt/evaluator.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "base/quote.h"
#include "base/scalar_math.h"
#include "microgpt/error.h"
#include "microgpt/system.h"
#include "train/document_pass.h"
#include "train/evaluation.h"
#include "train/executor.h"
#include "train/gradient_shards.h"

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

// Documents [begin, end) in packs of at most max_documents.
ShardLoss RunShard(const Parameters& parameters, const Corpus& corpus,
                   DocumentPass& pass, std::size_t max_documents,
                   std::size_t begin, std::size_t end) {
  ShardLoss loss;
  std::vector<std::size_t> documents;
  for (std::size_t at = begin; at < end; at += documents.size()) {
    documents.resize(std::min(max_documents, end - at));
    std::iota(documents.begin(), documents.end(), at);
    loss = pass.RunForward(parameters, corpus, documents, loss);
    if (loss.bad_document >= 0) {
      loss.bad_document += static_cast<std::int64_t>(at - begin);
      break;
    }
  }
  return loss;
}

}  // namespace

Evaluation EvaluateWith(const Parameters& parameters, const Corpus& corpus,
                        Executor& executor, std::span<DocumentPass> passes,
                        std::size_t max_documents) {
  const ModelConfig& config = parameters.layout().config();
  const ShardPlan shards(corpus.num_documents(),
                         static_cast<std::size_t>(config.block_size));
  std::vector<ShardLoss> losses(shards.count());
  executor.ForEach(shards.count(), [&](int worker, std::size_t shard) {
    losses[shard] =
        RunShard(parameters, corpus, passes[static_cast<std::size_t>(worker)],
                 max_documents, shards.Begin(shard), shards.Begin(shard + 1));
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
  const ShardPlan shards(corpus.num_documents(),
                         static_cast<std::size_t>(config.block_size));
  const int wanted = options.threads > 0 ? options.threads : DefaultThreads();
  const auto workers = static_cast<int>(
      std::min(static_cast<std::size_t>(wanted), shards.count()));
  const std::unique_ptr<Executor> executor =
      MakeExecutor(options.executor, workers);
  std::vector<DocumentPass> passes;
  passes.reserve(static_cast<std::size_t>(workers));
  for (int i = 0; i < workers; ++i) {
    passes.emplace_back(config, shards.max_documents());
  }
  return EvaluateWith(model.parameters(), corpus, *executor, passes,
                      shards.max_documents());
}

}  // namespace microgpt
