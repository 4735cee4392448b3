// A batch of one shard goes from products to Adam without storing gradients of
// weight matrices. Steps written by hand, which store them, must leave the same
// state.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/gradient.h"
#include "optim/adam.h"
#include "optim/schedule.h"
#include "tests/base/error_of.h"
#include "tests/kernels/compare.h"
#include "tests/train/train_util.h"
#include "train/digest.h"
#include "train/document_pass.h"
#include "train/executor.h"
#include "train/gradient_shards.h"

namespace microgpt {
namespace {

// Gradients that might be larger are stored, and checked.
constexpr double kLargestBound = 1e38;

// Longer ones than go directly from products to weights, and shorter ones.
Corpus Documents() { return LongAndShortDocuments(40); }

TrainConfig Config(const ModelConfig& model, int threads) {
  TrainConfig config;
  config.model = model;
  config.batch_size = 1;
  config.num_steps = 20;
  config.init_std = 0.1;
  config.threads = threads;
  return config;
}

std::vector<float> Weights(const Model& model, std::string_view name) {
  for (const TensorInfo& tensor : model.tensors()) {
    if (tensor.name != name) continue;
    std::vector<float> values(tensor.rows * tensor.cols);
    model.GetTensor(name, values);
    return values;
  }
  ADD_FAILURE() << "no tensor " << name;
  return {};
}

void Scale(Trainer& trainer, const std::string& name, float factor) {
  std::vector<float> values = Weights(trainer.model(), name);
  for (float& value : values) value *= factor;
  trainer.SetTensor(name, values);
}

// Steps of one document from the weights that a trainer has, with whole
// gradients in memory.
class StoringSteps {
 public:
  explicit StoringSteps(const Trainer& trainer)
      : config_(trainer.config()),
        corpus_(trainer.corpus()),
        model_(config_.model),
        adam_(config_.adam, parameters().layout().size()),
        pass_(config_.model,
              DocumentPass::ShapeFor(config_.model, 1, Keep::kForGradients, 1),
              *executor_),
        gradients_(parameters().layout()) {
    for (const TensorInfo& tensor : trainer.model().tensors()) {
      model_.SetTensor(tensor.name, Weights(trainer.model(), tensor.name));
    }
  }

  // Returns the loss; updates nothing if a gradient is not finite.
  double Step() {
    const std::size_t document =
        static_cast<std::size_t>(steps_) % corpus_.num_documents();
    const ShardLoss loss =
        pass_.Run(parameters(), corpus_, std::span(&document, 1), gradients_);
    const float* gradients = gradients_.data();
    finite_ = AllFinite(gradients, gradients_.size());
    const auto tokens = static_cast<double>(loss.tokens);
    if (finite_) {
      const AdamScalars scalars =
          adam_.Scalars(steps_, LearningRate(config_, steps_), 1 / tokens);
      adam_.Update(scalars, parameters().data(), gradients, 0,
                   gradients_.size());
      for (const TensorSpec& tensor : parameters().layout().tensors()) {
        parameters().RefreshTranspose(tensor, 0, tensor.rows);
      }
      ++steps_;
    }
    return loss.sum / tokens;
  }

  // Of the last step.
  bool finite() const { return finite_; }
  bool EmbeddingsFinite() const {
    for (const MatrixView& part :
         {gradients_.tensors().wte, gradients_.tensors().wpe}) {
      if (!AllFinite(part.data, part.rows * part.stride)) return false;
    }
    return true;
  }
  double GradientBound() const { return pass_.GradientBound(); }
  double LargestGradient() const {
    const std::size_t size = gradients_.size();
    return MaxAbs({gradients_.data(), 1, size, size}, 0);
  }

  std::string Digest() const { return StateDigest(model_.parameters(), adam_); }
  const Model& model() const { return model_; }

 private:
  Parameters& parameters() { return model_.parameters(); }

  TrainConfig config_;
  const Corpus& corpus_;
  Model model_;
  Adam adam_;
  std::unique_ptr<Executor> executor_ = MakeExecutor(ExecutorKind::kDefault, 1);
  DocumentPass pass_;
  GradientBuffer gradients_;
  std::int64_t steps_ = 0;
  bool finite_ = true;
};

void ExpectSameRows(const MatrixView& a, const MatrixView& b) {
  ASSERT_EQ(a.rows, b.rows);
  ASSERT_EQ(a.stride, b.stride);
  const std::size_t size = a.rows * a.stride;
  EXPECT_TRUE(SameBits(std::vector<float>(a.data, a.data + size),
                       std::vector<float>(b.data, b.data + size)));
}

// Of all matrices, with their padding.
void ExpectSameTransposes(const Model& a, const Model& b) {
  const ModelTensors& left = a.parameters().transposed();
  const ModelTensors& right = b.parameters().transposed();
  ExpectSameRows(left.lm_head, right.lm_head);
  for (std::size_t i = 0; i < left.layers.size(); ++i) {
    ExpectSameRows(left.layers[i].attn_qkv, right.layers[i].attn_qkv);
    ExpectSameRows(left.layers[i].attn_wo, right.layers[i].attn_wo);
    ExpectSameRows(left.layers[i].mlp_fc1, right.layers[i].mlp_fc1);
    ExpectSameRows(left.layers[i].mlp_fc2, right.layers[i].mlp_fc2);
  }
}

enum class Gradients { kNeverStored, kStored };

void ExpectSameSteps(Trainer& trainer, int steps, Gradients gradients) {
  StoringSteps expected(trainer);
  ASSERT_EQ(trainer.Digest(), expected.Digest());
  for (int i = 0; i < steps; ++i) {
    SCOPED_TRACE("step " + std::to_string(i));
    const double loss = expected.Step();
    ASSERT_TRUE(expected.finite());
    EXPECT_EQ(expected.GradientBound() < kLargestBound,
              gradients == Gradients::kNeverStored);
    EXPECT_GE(expected.GradientBound(), expected.LargestGradient());
    EXPECT_EQ(trainer.Step().loss, loss);
    ASSERT_EQ(trainer.Digest(), expected.Digest());
  }
  ExpectSameTransposes(trainer.model(), expected.model());
}

struct Width {
  int n_embd;
  int n_head;
};

template <class Check>
void ForEachModel(Check check) {
  for (const Width& width : {Width{5, 5}, {16, 4}, {20, 5}, {64, 4}}) {
    for (int n_layer = 0; n_layer <= 2; ++n_layer) {
      for (const int block_size : {8, 16, 20, 32}) {
        for (const Activation kind : {Activation::kRelu2, Activation::kRelu}) {
          ModelConfig model;
          model.block_size = block_size;
          model.n_embd = width.n_embd;
          model.n_layer = n_layer;
          model.n_head = width.n_head;
          model.activation = kind;
          SCOPED_TRACE(testing::Message()
                       << "width " << width.n_embd << ", layers " << n_layer
                       << ", block " << block_size << ", " << ToString(kind));
          check(model);
        }
      }
    }
  }
}

TEST(DirectStepTest, BatchesOfOneDocumentAreOneShard) {
  for (const std::size_t block : {1u, 8u, 16u, 20u, 32u, 1024u}) {
    EXPECT_EQ(ShardPlan(1, block, 0).count(), 1u);
    EXPECT_GT(ShardPlan(2, block, 0).count(), 1u);
  }
}

TEST(DirectStepTest, LeavesTheStateOfStoredGradients) {
  ForEachModel([](const ModelConfig& model) {
    for (const int threads : {1, 3}) {
      Trainer trainer(Config(model, threads), Documents());
      ExpectSameSteps(trainer, 6, Gradients::kNeverStored);
    }
  });
}

// The largest power of two that output weights can be multiplied by without
// any gradient of the first `steps` steps becoming infinite.
float LargestFactor(const TrainConfig& config, int steps) {
  for (int exponent = 127; exponent > 0; --exponent) {
    const float factor = std::ldexp(1.0f, exponent);
    Trainer trainer(config, Documents());
    Scale(trainer, "lm_head", factor);
    StoringSteps storing(trainer);
    bool finite = true;
    for (int i = 0; i < steps && finite; ++i) {
      finite = std::isfinite(storing.Step()) && storing.finite();
    }
    if (finite) return factor;
  }
  return 0;
}

// Output weights so large that gradients might overflow, but do not.
TEST(DirectStepTest, LargeGradientsAreStored) {
  constexpr int kSteps = 3;
  ForEachModel([](const ModelConfig& model) {
    const float factor = LargestFactor(Config(model, 1), kSteps);
    for (const int threads : {1, 3}) {
      Trainer trainer(Config(model, threads), Documents());
      Scale(trainer, "lm_head", factor);
      ExpectSameSteps(trainer, kSteps, Gradients::kStored);
    }
  });
}

// Whether, with these factors, the first loss is finite and so are the
// gradients of embeddings, but not those of weight matrices.
bool OnlyProductsOverflow(const TrainConfig& config, float fc1_factor) {
  Trainer trainer(config, Documents());
  Scale(trainer, "layer0.mlp_fc1", fc1_factor);
  Scale(trainer, "lm_head", 100);
  StoringSteps storing(trainer);
  return std::isfinite(storing.Step()) && storing.EmbeddingsFinite() &&
         !storing.finite();
}

// mlp_fc2 is zero at first, so that activations of any size change no loss, but
// its gradient has them as factors.
TEST(DirectStepTest, AnOverflowInAProductIsAnErrorWithoutTrace) {
  ForEachModel([](const ModelConfig& model) {
    if (model.n_layer == 0) return;
    // Squares overflow at half of the exponents.
    int exponent = model.activation == Activation::kRelu2 ? 66 : 127;
    while (exponent > 0 && !OnlyProductsOverflow(Config(model, 1),
                                                 std::ldexp(1.0f, exponent))) {
      --exponent;
    }
    ASSERT_GT(exponent, 0);
    for (const int threads : {1, 3}) {
      Trainer trainer(Config(model, threads), Documents());
      const std::vector<float> fc1 = Weights(trainer.model(), "layer0.mlp_fc1");
      Scale(trainer, "layer0.mlp_fc1", std::ldexp(1.0f, exponent));
      Scale(trainer, "lm_head", 100);
      const std::string digest = trainer.Digest();
      for (int repeat = 0; repeat < 3; ++repeat) {
        const Error error = ErrorOf([&] { trainer.Step(); });
        EXPECT_EQ(error.kind(), ErrorKind::kNumeric);
        EXPECT_TRUE(Mentions(error, "step 1, document 1 '")) << error.what();
        EXPECT_TRUE(Mentions(error, "the gradient is not finite"))
            << error.what();
        EXPECT_EQ(trainer.Digest(), digest);
        EXPECT_EQ(trainer.steps_done(), 0);
      }
      trainer.SetTensor("layer0.mlp_fc1", fc1);
      ExpectSameSteps(trainer, 2, Gradients::kNeverStored);
    }
  });
}

}  // namespace
}  // namespace microgpt
