#include "microgpt/generator.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "base/random.h"
#include "generate/sampler.h"
#include "microgpt/error.h"
#include "microgpt/system.h"
#include "model/decoder.h"
#include "train/executor.h"

namespace microgpt {
namespace {

// Ids to begin every sample with: BOS and the prompt, or the prompt's ids, of
// which there must be one.
std::vector<std::int32_t> EncodePrompt(const std::string& prompt,
                                       const Tokenizer& tokenizer,
                                       const ModelConfig& config) {
  std::vector<std::int32_t> ids;
  try {
    ids = tokenizer.Encode(prompt);
  } catch (const Error& error) {
    throw Error(
        error.kind(),
        std::string("--prompt: ") + error.what() +
            (tokenizer.is_ids() ? "" : "; use characters of the corpus"));
  }
  if (ids.size() > static_cast<std::size_t>(config.block_size)) {
    throw Error(ErrorKind::kInput,
                "--prompt: " + std::to_string(ids.size()) +
                    (tokenizer.is_ids() ? " ids" : " characters") +
                    " do not fit into a block of " +
                    std::to_string(config.block_size) +
                    "; give a shorter one or train with a larger --block-size");
  }
  if (!tokenizer.is_ids()) {
    ids.insert(ids.begin(), Tokenizer::kBos);
  } else if (ids.empty()) {
    ids.push_back(0);
  }
  return ids;
}

std::string GenerateOne(const std::vector<std::int32_t>& prompt,
                        const Tokenizer& tokenizer, std::size_t block_size,
                        Random random, Decoder& decoder, Sampler& sampler) {
  decoder.Reset();
  std::vector<std::int32_t> ids = prompt;
  for (std::size_t i = 0; i + 1 < prompt.size(); ++i) decoder.Decode(prompt[i]);
  while (ids.size() <= block_size) {
    const std::int32_t token =
        sampler.Choose(decoder.Decode(ids.back()), random);
    if (token == Tokenizer::kBos && !tokenizer.is_ids()) break;
    ids.push_back(token);
  }
  return tokenizer.Decode(ids);
}

}  // namespace

void Validate(const SampleOptions& options) {
  const auto check = [](bool ok, const std::string& message) {
    if (!ok) throw Error(ErrorKind::kUsage, message);
  };
  check(options.num_samples >= 0 && options.num_samples <= kMaxDimension,
        "--num-samples: give a whole number from 0 to 1048576");
  check(options.temperature == 0 ||
            (options.temperature >= 1e-3 && options.temperature <= 1e3),
        "--temperature: give 0 (always the most likely character) or a number "
        "from 0.001 to 1000");
  check(options.top_k >= 0, "--top-k: give a whole number from 0 (off) upward");
  check(options.top_p >= 0 && options.top_p <= 1,
        "--top-p: give a number from 0 (off) to 1");
  check(options.threads >= 0 && options.threads <= kMaxThreads,
        "--threads: give a whole number from 1 to 1024");
}

void ValidatePrompt(const std::string& prompt, const Tokenizer& tokenizer,
                    const ModelConfig& config) {
  EncodePrompt(prompt, tokenizer, config);
}

std::vector<std::string> Generate(const Model& model,
                                  const Tokenizer& tokenizer,
                                  const SampleOptions& options) {
  Validate(options);
  const std::vector<std::int32_t> prompt =
      EncodePrompt(options.prompt, tokenizer, model.config());
  const auto count = static_cast<std::size_t>(options.num_samples);
  if (count == 0) return {};
  const int wanted = options.threads > 0 ? options.threads : DefaultThreads();
  const auto workers =
      static_cast<int>(std::min(static_cast<std::size_t>(wanted), count));
  const std::unique_ptr<Executor> executor =
      MakeExecutor(options.executor, workers);
  std::vector<std::unique_ptr<Decoder>> decoders;
  std::vector<Sampler> samplers;
  for (int i = 0; i < workers; ++i) {
    decoders.push_back(std::make_unique<Decoder>(model.parameters()));
    samplers.emplace_back(options, model.config().vocab_size);
  }
  std::vector<std::string> samples(count);
  executor->ForEach(count, [&](int worker, std::size_t i) {
    const auto w = static_cast<std::size_t>(worker);
    samples[i] = GenerateOne(
        prompt, tokenizer, static_cast<std::size_t>(model.config().block_size),
        Random::ForSample(options.seed, i), *decoders[w], samplers[w]);
  });
  return samples;
}

}  // namespace microgpt
