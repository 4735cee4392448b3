// Options as plain structs: every field with its default, unit and effect.
// Notation everywhere: B documents in a batch, T positions of one document,
// C = n_embd, NH = n_head, HS = C / NH, L = n_layer, V = vocab_size.
// Functions here are thread-safe.
#ifndef MICROGPT_CONFIG_H_
#define MICROGPT_CONFIG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "microgpt/export.h"

namespace microgpt {

// Non-linearity of the feed-forward block.
enum class Activation {
  kRelu2,  // max(0, u)^2
  kRelu,   // max(0, u)
};

// Largest accepted values: of block_size, n_embd, n_head and batch_size; of
// n_layer; of threads; of batch_size * grad_accum; of num_steps.
inline constexpr int kMaxDimension = 1 << 20;
inline constexpr int kMaxLayers = 10'000;
inline constexpr int kMaxThreads = 1024;
inline constexpr std::int64_t kMaxDocumentsPerStep = 1 << 24;
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

// Adam (Kingma & Ba 2015, algorithm 1) with decoupled weight decay (Loshchilov
// & Hutter 2019).
struct AdamConfig {
  double learning_rate = 0.01;  // before the schedule
  double beta1 = 0.9;           // decay of the first moment, [0, 1)
  double beta2 = 0.95;          // decay of the second moment, [0, 1)
  double eps = 1e-8;            // added to sqrt(v_hat), > 0
  // Every weight first loses this part of itself, times the learning rate of
  // the step; 0 = off.
  double weight_decay = 0;
};

// What the learning rate does after the warm-up.
enum class LrSchedule {
  kLinear,    // falls linearly to min_lr
  kCosine,    // falls to min_lr along half a cosine
  kConstant,  // stays
};

// Learning rate of a step, counted from 0. While step < w = warmup_steps it is
// lr (step + 1) / (w + 1); then, with r = (step - w) / (num_steps - w),
// min_lr + (lr - min_lr) (1 - r), or the same with (1 + cos(pi r)) / 2.
struct ScheduleConfig {
  LrSchedule kind = LrSchedule::kLinear;
  std::int64_t warmup_steps = 0;
  double min_lr = 0;  // at the end; at most learning_rate
};

// What a document is.
enum class DocMode {
  kLines,   // a line of text
  kText,    // a window of the text as one stream of characters
  kTokens,  // a window of a file of token ids
};

// What becomes of lines with more than block_size predictions.
enum class LongDocs {
  kTruncate,  // the rest is not used
  kChunk,     // every block_size predictions are a document
};

// How an input becomes documents.
struct DataConfig {
  DocMode doc_mode = DocMode::kLines;
  LongDocs long_docs = LongDocs::kTruncate;  // kLines only
  double val_split = 0;  // part kept for validation, [0, 1); 0 = none
};

// How worker threads are run. The results are the same.
enum class ExecutorKind {
  kDefault,    // oneTBB where it was built in, else kStdThread
  kTbb,        // oneTBB task arena
  kStdThread,  // a pool of std::thread
};

// Everything that a training run depends on. Validate() checks the ranges.
struct TrainConfig {
  ModelConfig model;  // vocab_size is taken from the corpus
  AdamConfig adam;
  ScheduleConfig schedule;
  DataConfig data;
  int batch_size = 1;            // B, documents per batch
  int grad_accum = 1;            // batches per step; each token weighs the same
  std::int64_t num_steps = 500;  // length of the learning-rate schedule
  // Largest L2 norm of all gradients together, larger ones are scaled down to
  // it; 0 = off (Pascanu et al. 2013).
  double grad_clip = 0;
  std::int64_t eval_every = 0;  // steps between validations; 0: the last only
  // Stops after so many validations without a new best loss; 0 = off.
  int early_stop_patience = 0;
  std::uint64_t seed = 42;  // document order and initial weights
  double init_std = 0.02;   // standard deviation of the initial weights
  bool shuffle = true;      // false: documents in file order
  int threads = 0;          // worker threads; 0 = DefaultThreads()
  ExecutorKind executor = ExecutorKind::kDefault;
};

// Documents of one optimizer step: batch_size * grad_accum. Never throws.
MICROGPT_EXPORT std::int64_t DocumentsPerStep(const TrainConfig& config);

// Bytes that training allocates, by part.
struct MemoryEstimate {
  std::uint64_t parameter_bytes = 0;   // weights and their transposed copy
  std::uint64_t moment_bytes = 0;      // Adam m and v
  std::uint64_t gradient_bytes = 0;    // one buffer per live shard
  std::uint64_t activation_bytes = 0;  // one workspace per thread
  std::uint64_t corpus_bytes = 0;      // text or token ids, and their places

  // The sum of the parts. Throws Error(kResources) if it does not fit into 63
  // bits.
  MICROGPT_EXPORT std::uint64_t total_bytes() const;
};

// Checks every field but vocab_size.
// Throws Error(kUsage) naming the option and its allowed range.
MICROGPT_EXPORT void Validate(const TrainConfig& config);

// Number of weights of the model. REQUIRES: config.vocab_size > 0.
// Throws Error(kResources) if it does not fit into 63 bits.
MICROGPT_EXPORT std::uint64_t ParameterCount(const ModelConfig& config);

// Floating-point operations of training on one token, in blocks of block_size:
// six for every weight of a matrix product, two of them forward, and as many
// for every product of attention. Attention is counted as it is, over the
// (block_size + 1) / 2 positions that a token sees on average; norms, softmax
// and Adam are not counted. REQUIRES: config.vocab_size > 0. Never throws.
MICROGPT_EXPORT double FlopsPerToken(const ModelConfig& config);

// Memory that a Trainer with this configuration needs. Allocates nothing.
// REQUIRES: model.vocab_size > 0, threads > 0 (the number that will run).
// Throws Error(kResources) if a part does not fit into 63 bits.
MICROGPT_EXPORT MemoryEstimate
EstimateTrainingMemory(const TrainConfig& config, std::uint64_t corpus_bytes);

// Names as on the command line: "relu2", "linear", "lines", "truncate", ...
// REQUIRES: a value of the type.
MICROGPT_EXPORT std::string ToString(Activation activation);
MICROGPT_EXPORT std::string ToString(LrSchedule schedule);
MICROGPT_EXPORT std::string ToString(DocMode mode);
MICROGPT_EXPORT std::string ToString(LongDocs long_docs);

// One option of a training run.
struct ConfigField {
  const char* name;   // of the flag with underscores, "n_embd"
  std::string value;  // numbers in the shortest form that reads back exactly
  bool is_text;       // false: value is a JSON number, true or false
};

// Every option that the result depends on, vocab_size left out. Two
// configurations train alike if their fields and corpora agree.
MICROGPT_EXPORT std::vector<ConfigField> FieldsOf(const TrainConfig& config);

}  // namespace microgpt

#endif  // MICROGPT_CONFIG_H_
