// Options as plain structs: every field with its default, unit and effect.
// Notation everywhere: B documents in a batch, T positions of one document,
// C = n_embd, NH = n_head, HS = C / NH, L = n_layer, V = vocab_size.
#ifndef MICROGPT_CONFIG_H_
#define MICROGPT_CONFIG_H_

#include <cstdint>
#include <string>
#include <vector>

namespace microgpt {

// Non-linearity of the feed-forward block.
enum class Activation {
  kRelu2,  // max(0, u)^2
  kRelu,   // max(0, u)
};

// Largest accepted value of a single model dimension.
inline constexpr int kMaxDimension = 1 << 20;
inline constexpr int kMaxLayers = 10'000;
inline constexpr int kMaxThreads = 1024;
inline constexpr std::int64_t kMaxSteps = 1'000'000'000'000;

// Shape of the model. Thread-compatible value type, like all structs here.
struct ModelConfig {
  int vocab_size = 0;  // V, ids of the tokenizer, BOS included; 0 = not known
  int block_size = 8;  // largest T, positions
  int n_embd = 16;     // C, width of the residual stream; divisible by n_head
  int n_layer = 1;     // L, 0 upward
  int n_head = 4;      // NH
  Activation activation = Activation::kRelu2;
};

// Adam (Kingma & Ba 2015, algorithm 1) with the learning rate falling linearly
// to zero: lr_t = learning_rate * (1 - step / num_steps), step from 0.
struct AdamConfig {
  double learning_rate = 0.01;
  double beta1 = 0.9;   // decay of the first moment, [0, 1)
  double beta2 = 0.95;  // decay of the second moment, [0, 1)
  double eps = 1e-8;    // added to sqrt(v_hat), > 0
};

// How worker threads are run. The results are the same.
enum class ExecutorKind {
  kDefault,    // oneTBB where it was built in, else kStdThread
  kTbb,        // oneTBB task arena
  kStdThread,  // a pool of std::thread
};

struct TrainConfig {
  ModelConfig model;  // vocab_size is taken from the corpus
  AdamConfig adam;
  int batch_size = 1;            // B, documents per step
  std::int64_t num_steps = 500;  // length of the learning-rate schedule
  std::uint64_t seed = 42;       // document order and initial weights
  double init_std = 0.02;        // standard deviation of the initial weights
  bool shuffle = true;           // false: documents in file order
  int threads = 0;               // worker threads; 0 = DefaultThreads()
  ExecutorKind executor = ExecutorKind::kDefault;
};

// Bytes that training allocates, by part.
struct MemoryEstimate {
  std::uint64_t parameter_bytes = 0;   // weights and their transposed copy
  std::uint64_t moment_bytes = 0;      // Adam m and v
  std::uint64_t gradient_bytes = 0;    // one buffer per live shard
  std::uint64_t activation_bytes = 0;  // one workspace per thread
  std::uint64_t corpus_bytes = 0;

  std::uint64_t total_bytes() const;
};

// Checks every field but vocab_size.
// Throws Error(kUsage) naming the option and its allowed range.
void Validate(const TrainConfig& config);

// Number of weights of the model. REQUIRES: config.vocab_size > 0.
// Throws Error(kResources) if it does not fit into 63 bits.
std::uint64_t ParameterCount(const ModelConfig& config);

// Memory that a Trainer with this configuration needs. Allocates nothing.
// REQUIRES: model.vocab_size > 0, threads > 0 (the number that will run).
// Throws Error(kResources) if a part does not fit into 63 bits.
MemoryEstimate EstimateTrainingMemory(const TrainConfig& config,
                                      std::uint64_t corpus_bytes);

// "relu2" or "relu".
std::string ToString(Activation activation);

// One option of a training run.
struct ConfigField {
  const char* name;   // of the flag with underscores, "n_embd"
  std::string value;  // numbers in the shortest form that reads back exactly
  bool is_text;       // false: value is a JSON number, true or false
};

// Every option that the result depends on, vocab_size left out. Two
// configurations train alike if their fields and corpora agree.
std::vector<ConfigField> FieldsOf(const TrainConfig& config);

}  // namespace microgpt

#endif  // MICROGPT_CONFIG_H_
