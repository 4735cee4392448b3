// Ranges of all options, and the sizes that follow from them.
#include "microgpt/config.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "tests/base/error_of.h"

namespace microgpt {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr int kIntMax = std::numeric_limits<int>::max();
constexpr int kIntMin = std::numeric_limits<int>::min();

struct IntegerField {
  const char* flag;
  std::function<void(TrainConfig&, std::int64_t)> set;
  std::vector<std::int64_t> good;
  std::vector<std::int64_t> bad;
};

std::vector<IntegerField> IntegerFields() {
  const auto to_int = [](std::int64_t x) { return static_cast<int>(x); };
  return {
      {"--n-embd",
       [=](TrainConfig& c, std::int64_t x) { c.model.n_embd = to_int(x); },
       {4, 16, kMaxDimension},
       {0, -1, kIntMin, kMaxDimension + 1, kIntMax}},
      {"--n-layer",
       [=](TrainConfig& c, std::int64_t x) { c.model.n_layer = to_int(x); },
       {0, 1, kMaxLayers},
       {-1, kIntMin, kMaxLayers + 1, kIntMax}},
      {"--block-size",
       [=](TrainConfig& c, std::int64_t x) { c.model.block_size = to_int(x); },
       {1, kMaxDimension},
       {0, -1, kIntMin, kMaxDimension + 1, kIntMax}},
      {"--n-head",
       [=](TrainConfig& c, std::int64_t x) { c.model.n_head = to_int(x); },
       {1, 2, 16},
       {0, -1, kIntMin, kMaxDimension + 1, kIntMax}},
      {"--num-steps",
       [](TrainConfig& c, std::int64_t x) { c.num_steps = x; },
       {0, 1, kMaxSteps},
       {-1, std::numeric_limits<std::int64_t>::min(), kMaxSteps + 1,
        std::numeric_limits<std::int64_t>::max()}},
      {"--batch-size",
       [=](TrainConfig& c, std::int64_t x) { c.batch_size = to_int(x); },
       {1, kMaxDimension},
       {0, -1, kIntMin, kMaxDimension + 1, kIntMax}},
      {"--threads",
       [=](TrainConfig& c, std::int64_t x) { c.threads = to_int(x); },
       {0, 1, kMaxThreads},
       {-1, kIntMin, kMaxThreads + 1, kIntMax}},
      {"--grad-accum",
       [=](TrainConfig& c, std::int64_t x) { c.grad_accum = to_int(x); },
       {1, kMaxDimension},
       {0, -1, kIntMin, kMaxDimension + 1, kIntMax}},
      {"--warmup-steps",
       [](TrainConfig& c, std::int64_t x) { c.schedule.warmup_steps = x; },
       {0, 1, kMaxSteps},
       {-1, kMaxSteps + 1, std::numeric_limits<std::int64_t>::max()}},
      {"--eval-every",
       [](TrainConfig& c, std::int64_t x) { c.eval_every = x; },
       {0, 1, kMaxSteps},
       {-1, kMaxSteps + 1, std::numeric_limits<std::int64_t>::max()}},
      {"--early-stop-patience",
       [=](TrainConfig& c, std::int64_t x) {
         c.eval_every = 1;
         c.early_stop_patience = to_int(x);
       },
       {0, 1, kMaxDimension},
       {-1, kIntMin, kMaxDimension + 1, kIntMax}},
  };
}

struct RealField {
  const char* flag;
  std::function<void(TrainConfig&, double)> set;
  std::vector<double> good;
  std::vector<double> bad;
};

std::vector<RealField> RealFields() {
  return {
      {"--learning-rate",
       [](TrainConfig& c, double x) { c.adam.learning_rate = x; },
       {0, 1e-300, 1e6},
       {-1e-9, -kInfinity, 1.1e6, 1e99, kInfinity, kNan}},
      {"--beta1",
       [](TrainConfig& c, double x) { c.adam.beta1 = x; },
       {0, 0.999999},
       {-1e-9, 1, 2, kInfinity, kNan}},
      {"--beta2",
       [](TrainConfig& c, double x) { c.adam.beta2 = x; },
       {0, 0.999999},
       {-1e-9, 1, 2, kInfinity, kNan}},
      {"--adam-eps",
       [](TrainConfig& c, double x) { c.adam.eps = x; },
       {1e-30, 1e-8, 1},
       {0, -1, 1e-31, 1.1, kInfinity, kNan}},
      {"--init-std",
       [](TrainConfig& c, double x) { c.init_std = x; },
       {0, 1, 1e6},
       {-0.1, 1.1e6, 1e99, kInfinity, kNan}},
      {"--weight-decay",
       [](TrainConfig& c, double x) { c.adam.weight_decay = x; },
       {0, 0.1, 1e6},
       {-0.1, 1.1e6, 1e99, kInfinity, kNan}},
      {"--grad-clip",
       [](TrainConfig& c, double x) { c.grad_clip = x; },
       {0, 1e-30, 1, 1e30},
       {-0.1, 1.1e30, kInfinity, kNan}},
      {"--min-lr",
       [](TrainConfig& c, double x) { c.schedule.min_lr = x; },
       {0, 1e-300, 0.01},
       {-1e-9, 0.010001, kInfinity, kNan}},
      {"--val-split",
       [](TrainConfig& c, double x) { c.data.val_split = x; },
       {0, 1e-9, 0.999999},
       {-1e-9, 1, 2, kInfinity, kNan}},
  };
}

template <typename Field>
void CheckField(const Field& field) {
  for (const auto value : field.good) {
    TrainConfig config;
    field.set(config, value);
    EXPECT_NO_THROW(Validate(config)) << field.flag << " " << value;
  }
  for (const auto value : field.bad) {
    TrainConfig config;
    field.set(config, value);
    const Error error = ErrorOf([&] { Validate(config); });
    EXPECT_EQ(error.kind(), ErrorKind::kUsage) << field.flag << " " << value;
    EXPECT_TRUE(Mentions(error, std::string(field.flag) + ": "))
        << error.what();
    EXPECT_TRUE(Mentions(error, "give a ")) << error.what();
  }
}

TEST(ConfigTest, DefaultsAreValid) { EXPECT_NO_THROW(Validate(TrainConfig())); }

TEST(ConfigTest, IntegerRanges) {
  for (const IntegerField& field : IntegerFields()) CheckField(field);
}

TEST(ConfigTest, RealRanges) {
  for (const RealField& field : RealFields()) CheckField(field);
}

TEST(ConfigTest, HeadsMustDivideTheWidth) {
  TrainConfig config;
  config.model.n_embd = 20;
  config.model.n_head = 3;
  const Error error = ErrorOf([&] { Validate(config); });
  EXPECT_EQ(error.kind(), ErrorKind::kUsage);
  for (const char* const part : {"--n-embd 20", "--n-head 3"}) {
    EXPECT_TRUE(Mentions(error, part)) << error.what();
  }
  config.model.n_head = 40;
  EXPECT_EQ(ErrorOf([&] { Validate(config); }).kind(), ErrorKind::kUsage);
  config.model.n_head = 20;
  EXPECT_NO_THROW(Validate(config));
}

TEST(ConfigTest, DocumentsPerStepHaveALimit) {
  TrainConfig config;
  config.batch_size = 1 << 14;
  config.grad_accum = 1 << 10;
  EXPECT_EQ(DocumentsPerStep(config), kMaxDocumentsPerStep);
  EXPECT_NO_THROW(Validate(config));
  ++config.grad_accum;
  const Error error = ErrorOf([&] { Validate(config); });
  EXPECT_EQ(error.kind(), ErrorKind::kUsage);
  for (const char* part :
       {"--batch-size 16384", "--grad-accum 1025", "16777216"}) {
    EXPECT_TRUE(Mentions(error, part)) << error.what();
  }
  config.batch_size = kMaxDimension;
  config.grad_accum = kMaxDimension;
  EXPECT_EQ(DocumentsPerStep(config), std::int64_t{1} << 40);
  EXPECT_EQ(ErrorOf([&] { Validate(config); }).kind(), ErrorKind::kUsage);
}

TEST(ConfigTest, PatienceNeedsValidations) {
  TrainConfig config;
  config.early_stop_patience = 1;
  const Error error = ErrorOf([&] { Validate(config); });
  EXPECT_EQ(error.kind(), ErrorKind::kUsage);
  for (const char* part : {"--early-stop-patience", "--eval-every"}) {
    EXPECT_TRUE(Mentions(error, part)) << error.what();
  }
}

TEST(ConfigTest, ParameterCount) {
  ModelConfig config;
  config.vocab_size = 27;
  EXPECT_EQ(ParameterCount(config), 4064u);
  config.block_size = 16;
  EXPECT_EQ(ParameterCount(config), 4192u);
  config.n_layer = 0;
  EXPECT_EQ(ParameterCount(config), (2u * 27 + 16) * 16);
  // GPT-2 small without norms and biases, untied.
  config = {50257, 1024, 768, 12, 12, Activation::kRelu2};
  EXPECT_EQ(ParameterCount(config),
            2ull * 50257 * 768 + 1024 * 768 + 12ull * 12 * 768 * 768);
}

TEST(ConfigTest, ParameterCountReportsOverflow) {
  ModelConfig config;
  config.vocab_size = 27;
  config.n_embd = kIntMax;
  config.n_layer = kIntMax;
  EXPECT_EQ(ErrorOf([&] { ParameterCount(config); }).kind(),
            ErrorKind::kResources);
}

TEST(ConfigTest, FieldsReadBackExactly) {
  TrainConfig config;
  for (const double value : {0.0, -0.0, 0.1, 1.0 / 3, 1e-30, 1e-300, 1e6}) {
    config.adam.learning_rate = value;
    for (const ConfigField& field : FieldsOf(config)) {
      if (std::string(field.name) != "learning_rate") continue;
      EXPECT_FALSE(field.is_text);
      const double read = std::stod(field.value);
      EXPECT_EQ(read, value) << field.value;
      EXPECT_EQ(std::signbit(read), std::signbit(value)) << field.value;
      // "-0" would be a whole number to readers of JSON.
      EXPECT_NE(field.value, "-0");
    }
  }
}

// Threads and executor, which change nothing, are no fields.
TEST(ConfigTest, EveryOptionIsAField) {
  using Change = std::function<void(TrainConfig&)>;
  const std::vector<std::pair<std::string, Change>> changes = {
      {"n_embd", [](TrainConfig& c) { c.model.n_embd = 32; }},
      {"n_layer", [](TrainConfig& c) { c.model.n_layer = 2; }},
      {"block_size", [](TrainConfig& c) { c.model.block_size = 9; }},
      {"n_head", [](TrainConfig& c) { c.model.n_head = 2; }},
      {"activation",
       [](TrainConfig& c) { c.model.activation = Activation::kRelu; }},
      {"num_steps", [](TrainConfig& c) { c.num_steps = 1; }},
      {"batch_size", [](TrainConfig& c) { c.batch_size = 2; }},
      {"learning_rate", [](TrainConfig& c) { c.adam.learning_rate = 1; }},
      {"beta1", [](TrainConfig& c) { c.adam.beta1 = 0; }},
      {"beta2", [](TrainConfig& c) { c.adam.beta2 = 0; }},
      {"adam_eps", [](TrainConfig& c) { c.adam.eps = 1; }},
      {"init_std", [](TrainConfig& c) { c.init_std = 1; }},
      {"seed", [](TrainConfig& c) { c.seed = 1; }},
      {"shuffle", [](TrainConfig& c) { c.shuffle = false; }},
      {"grad_accum", [](TrainConfig& c) { c.grad_accum = 2; }},
      {"weight_decay", [](TrainConfig& c) { c.adam.weight_decay = 1; }},
      {"grad_clip", [](TrainConfig& c) { c.grad_clip = 1; }},
      {"lr_schedule",
       [](TrainConfig& c) { c.schedule.kind = LrSchedule::kCosine; }},
      {"warmup_steps", [](TrainConfig& c) { c.schedule.warmup_steps = 1; }},
      {"min_lr", [](TrainConfig& c) { c.schedule.min_lr = 1e-3; }},
      {"doc_mode", [](TrainConfig& c) { c.data.doc_mode = DocMode::kText; }},
      {"long_docs",
       [](TrainConfig& c) { c.data.long_docs = LongDocs::kChunk; }},
      {"val_split", [](TrainConfig& c) { c.data.val_split = 0.5; }},
      {"eval_every", [](TrainConfig& c) { c.eval_every = 1; }},
      {"early_stop_patience",
       [](TrainConfig& c) { c.early_stop_patience = 1; }}};
  const std::vector<ConfigField> defaults = FieldsOf(TrainConfig());
  ASSERT_EQ(defaults.size(), changes.size());
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto& [name, change] = changes[i];
    TrainConfig config;
    change(config);
    const std::vector<ConfigField> fields = FieldsOf(config);
    for (std::size_t j = 0; j < fields.size(); ++j) {
      const bool differs = fields[j].value != defaults[j].value;
      EXPECT_EQ(differs, fields[j].name == name) << name;
      EXPECT_EQ(fields[j].is_text, defaults[j].is_text);
    }
  }
}

TEST(ConfigTest, Names) {
  EXPECT_EQ(ToString(Activation::kRelu2), "relu2");
  EXPECT_EQ(ToString(Activation::kRelu), "relu");
  EXPECT_EQ(ToString(LrSchedule::kLinear), "linear");
  EXPECT_EQ(ToString(LrSchedule::kCosine), "cosine");
  EXPECT_EQ(ToString(LrSchedule::kConstant), "constant");
  EXPECT_EQ(ToString(DocMode::kLines), "lines");
  EXPECT_EQ(ToString(DocMode::kText), "text");
  EXPECT_EQ(ToString(DocMode::kTokens), "tokens");
  EXPECT_EQ(ToString(LongDocs::kTruncate), "truncate");
  EXPECT_EQ(ToString(LongDocs::kChunk), "chunk");
}

// Product by product: m n k multiply-adds, each two operations, and twice as
// many in the backward pass.
TEST(FlopsPerTokenTest, CountsEveryProduct) {
  const ModelConfig config{65, 256, 384, 6, 6, Activation::kRelu2};
  const double t = 256;
  const double c = 384;
  const double linear = t * c * (3 * c + c + 4 * c + 4 * c);
  const double pairs = t * (t + 1) / 2;  // query t meets keys 0 to t
  const double attention = 2 * pairs * c;
  const double forward = 2 * (6 * (linear + attention) + t * c * 65);
  EXPECT_DOUBLE_EQ(FlopsPerToken(config), 3 * forward / t);
}

TEST(FlopsPerTokenTest, WithoutLayersOnlyTheOutputIsLeft) {
  const ModelConfig config{50, 8, 16, 0, 4, Activation::kRelu2};
  EXPECT_DOUBLE_EQ(FlopsPerToken(config), 6.0 * 50 * 16);
}

}  // namespace
}  // namespace microgpt
