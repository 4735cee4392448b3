// Ranges of all options, and the sizes that follow from them.
#include "microgpt/config.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
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

TEST(ConfigTest, ActivationNames) {
  EXPECT_EQ(ToString(Activation::kRelu2), "relu2");
  EXPECT_EQ(ToString(Activation::kRelu), "relu");
}

}  // namespace
}  // namespace microgpt
