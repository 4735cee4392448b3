// Samples depend on weights, options, seed and their number, and are what a
// naive decoder without a cache would give.
#include "microgpt/generator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "generate/sampler.h"
#include "model/forward_backward.h"
#include "tests/base/error_of.h"
#include "tests/train/train_util.h"
#include "train/executor.h"

namespace microgpt {
namespace {

Tokenizer Letters() {
  return Tokenizer({U'a', U'b', U'c', U'd', U'e', U'é', U'日', U'🙂'});
}

// Every tensor is random, the ones that training starts at zero too, so that
// all positions matter.
Model RandomModel(const ModelConfig& config) {
  Model model(config);
  Random random(3);
  for (const TensorInfo& tensor : model.tensors()) {
    std::vector<float> values(tensor.rows * tensor.cols);
    for (float& x : values) x = static_cast<float>(random.Gauss(0.3));
    model.SetTensor(tensor.name, values);
  }
  return model;
}

const ModelConfig kConfig = {9, 12, 16, 2, 4, Activation::kRelu2};

SampleOptions Options(int num_samples) {
  SampleOptions options;
  options.num_samples = num_samples;
  options.temperature = 1;
  options.threads = 1;
  return options;
}

std::size_t Characters(const std::string& text) {
  return Letters().Encode(text).size();
}

// Logits after `ids`, from a forward pass over all of them.
std::vector<float> LogitsAfter(const Model& model,
                               const std::vector<std::int32_t>& ids) {
  const std::unique_ptr<Executor> executor =
      MakeExecutor(ExecutorKind::kDefault, 1);
  Activations activations(
      model.config(), PackShape::For(model.config(), 1, Keep::kForLosses, 1));
  const RowRange rows = {0, ids.size()};
  const DocumentPack pack = {ids.data(), ids.data(), std::span(&rows, 1),
                             ids.size()};
  Forward(model.parameters(), pack, activations, *executor);
  Logits(model.parameters(), {ids.size() - 1, 1}, activations, *executor);
  const float* last = activations.logits.Row(0);
  return {last, last + model.config().vocab_size};
}

std::string NaiveSample(const Model& model, const SampleOptions& options,
                        std::uint64_t index) {
  std::vector<std::int32_t> ids = Letters().Encode(options.prompt);
  ids.insert(ids.begin(), Tokenizer::kBos);
  Random random = Random::ForSample(options.seed, index);
  Sampler sampler(options, model.config().vocab_size);
  while (ids.size() <= static_cast<std::size_t>(model.config().block_size)) {
    const std::int32_t token = sampler.Choose(LogitsAfter(model, ids), random);
    if (token == Tokenizer::kBos) break;
    ids.push_back(token);
  }
  return Letters().Decode(ids);
}

TEST(GeneratorTest, SamplesAreThoseOfANaiveDecoder) {
  for (const ModelConfig& config :
       {kConfig, ModelConfig{9, 1, 16, 1, 4, Activation::kRelu},
        ModelConfig{9, 20, 20, 3, 5, Activation::kRelu2},
        ModelConfig{9, 8, 6, 0, 3, Activation::kRelu2}}) {
    const Model model = RandomModel(config);
    for (const char* const prompt : {"", "a"}) {
      SampleOptions options = Options(40);
      options.prompt = prompt;
      const std::vector<std::string> samples =
          Generate(model, Letters(), options);
      ASSERT_EQ(samples.size(), 40u);
      for (std::size_t i = 0; i < samples.size(); ++i) {
        ASSERT_EQ(samples[i], NaiveSample(model, options, i)) << i;
      }
      if (config.block_size > 4) {
        EXPECT_GT(std::set(samples.begin(), samples.end()).size(), 5u);
      }
    }
  }
}

TEST(GeneratorTest, EveryOptionReachesTheSampler) {
  const Model model = RandomModel(kConfig);
  SampleOptions options = Options(20);
  for (const double temperature : {0.0, 0.3, 2.0}) {
    for (const int top_k : {0, 2}) {
      for (const double top_p : {0.0, 0.6}) {
        options.temperature = temperature;
        options.top_k = top_k;
        options.top_p = top_p;
        options.seed += 1;
        const std::vector<std::string> samples =
            Generate(model, Letters(), options);
        for (std::size_t i = 0; i < samples.size(); ++i) {
          ASSERT_EQ(samples[i], NaiveSample(model, options, i));
        }
      }
    }
  }
}

TEST(GeneratorTest, ThreadsAndExecutorsChangeNothing) {
  const Model model = RandomModel(kConfig);
  const std::vector<std::string> expected =
      Generate(model, Letters(), Options(60));
  for (const ExecutorKind kind : ExecutorKinds()) {
    for (const int threads : {0, 1, 2, 7, 100}) {
      SampleOptions options = Options(60);
      options.threads = threads;
      options.executor = kind;
      EXPECT_EQ(Generate(model, Letters(), options), expected) << threads;
    }
  }
}

TEST(GeneratorTest, SimdTargetsChangeNothing) {
  const Model model = RandomModel(kConfig);
  const std::vector<std::string> expected =
      Generate(model, Letters(), Options(60));
  const std::string before = SimdTarget();
  for (const std::string& target : SimdTargets()) {
    SetSimdTarget(target);
    EXPECT_EQ(Generate(model, Letters(), Options(60)), expected) << target;
  }
  SetSimdTarget(before);
}

TEST(GeneratorTest, ASampleDoesNotDependOnHowManyThereAre) {
  const Model model = RandomModel(kConfig);
  const std::vector<std::string> many = Generate(model, Letters(), Options(50));
  for (const int count : {0, 1, 2, 17}) {
    const std::vector<std::string> few =
        Generate(model, Letters(), Options(count));
    ASSERT_EQ(few.size(), static_cast<std::size_t>(count));
    EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
  }
}

TEST(GeneratorTest, SeedsGiveOtherSamples) {
  const Model model = RandomModel(kConfig);
  SampleOptions options = Options(20);
  const std::vector<std::string> first = Generate(model, Letters(), options);
  options.seed = 43;
  EXPECT_NE(Generate(model, Letters(), options), first);
}

TEST(GeneratorTest, SamplesBeginWithThePromptAndEndAtTheBlock) {
  const Model model = RandomModel(kConfig);
  std::size_t longest = 0;
  for (const std::string prompt :
       {"", "e", "aé日", "🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂"}) {
    SampleOptions options = Options(100);
    options.prompt = prompt;
    for (const std::string& sample : Generate(model, Letters(), options)) {
      EXPECT_TRUE(sample.starts_with(prompt)) << sample;
      longest = std::max(longest, Characters(sample));
    }
  }
  EXPECT_EQ(longest, 12u);
}

TEST(GeneratorTest, APromptMayFillTheBlock) {
  const Model model = RandomModel(kConfig);
  SampleOptions options = Options(3);
  options.prompt = "abcdeabcdeab";
  EXPECT_EQ(Generate(model, Letters(), options),
            std::vector<std::string>(3, options.prompt));
}

TEST(GeneratorTest, UnusablePromptsAreReported) {
  const Model model = RandomModel(kConfig);
  struct Case {
    std::string prompt;
    std::string says;
  };
  for (const Case& c :
       {Case{"abx", "U+0078 'x'"}, Case{"a b", "U+0020 ' '"},
        Case{"a\n", "U+000A"}, Case{"ab\xFF", "not valid UTF-8"},
        Case{"abcdeabcdeabc", "13 characters"}, Case{"è", "U+00E8 'è'"}}) {
    SampleOptions options = Options(1);
    options.prompt = c.prompt;
    for (const bool only_check : {false, true}) {
      const Error error = ErrorOf([&] {
        if (only_check) {
          ValidatePrompt(c.prompt, Letters(), kConfig);
        } else {
          Generate(model, Letters(), options);
        }
      });
      EXPECT_EQ(error.kind(), ErrorKind::kInput);
      EXPECT_TRUE(Mentions(error, "--prompt: ")) << error.what();
      EXPECT_TRUE(Mentions(error, c.says)) << error.what();
    }
  }
  EXPECT_NO_THROW(ValidatePrompt("aé日🙂", Letters(), kConfig));
}

TEST(GeneratorTest, OptionsAreValidated) {
  const Model model = RandomModel(kConfig);
  SampleOptions options = Options(1);
  options.top_p = 2;
  EXPECT_EQ(ErrorOf([&] { Generate(model, Letters(), options); }).kind(),
            ErrorKind::kUsage);
}

// The ids of every sample.
std::vector<std::vector<std::int32_t>> IdSamples(const Model& model,
                                                 const SampleOptions& options) {
  const Tokenizer ids = Tokenizer::ForIds(model.config().vocab_size);
  std::vector<std::vector<std::int32_t>> samples;
  for (const std::string& text : Generate(model, ids, options)) {
    samples.push_back(ids.Encode(text));
  }
  return samples;
}

TEST(IdGeneratorTest, SamplesAreThoseOfANaiveDecoderWithoutBos) {
  const Model model = RandomModel(kConfig);
  bool has_zero = false;
  for (const char* const prompt : {"", "0", "5", " 7 0 3"}) {
    SampleOptions options = Options(30);
    options.prompt = prompt;
    const auto samples = IdSamples(model, options);
    ASSERT_EQ(samples.size(), 30u);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      std::vector<std::int32_t> ids = Tokenizer::ForIds(9).Encode(prompt);
      const std::size_t given = ids.size();
      if (ids.empty()) ids = {0};
      Random random = Random::ForSample(options.seed, i);
      Sampler sampler(options, 9);
      while (ids.size() < 13) {
        ids.push_back(sampler.Choose(LogitsAfter(model, ids), random));
        if (ids.back() == 0 && ids.size() > given + 1) has_zero = true;
      }
      ASSERT_EQ(samples[i], ids) << i;
    }
  }
  EXPECT_TRUE(has_zero);  // and went on
}

TEST(IdGeneratorTest, PromptsThatCannotBeUsed) {
  const Model model = RandomModel(kConfig);
  SampleOptions options = Options(1);
  for (const char* const prompt :
       {"9", "a", "-1", "0 1 2 3 4 5 6 7 8 0 1 2 3"}) {
    options.prompt = prompt;
    const Error error = ErrorOf([&] { IdSamples(model, options); });
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    EXPECT_TRUE(Mentions(error, "--prompt")) << error.what();
  }
  options.prompt = "0 1 2 3 4 5 6 7 8 0 1 2";
  EXPECT_EQ(IdSamples(model, options)[0].size(), 13u);
}

}  // namespace
}  // namespace microgpt
