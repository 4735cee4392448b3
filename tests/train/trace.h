// A recorded training run: its options, and the loss of every step as an
// independent float64 program computed it.
#ifndef MICROGPT_TESTS_TRAIN_TRACE_H_
#define MICROGPT_TESTS_TRAIN_TRACE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "microgpt/trainer.h"

namespace microgpt {

// Path of a file in the folder that an environment variable names.
inline std::string PathIn(const char* variable, const std::string& name) {
  const char* const folder = std::getenv(variable);
  if (folder == nullptr) {
    throw std::runtime_error(std::string(variable) + " is not set");
  }
  return std::string(folder) + "/" + name;
}

struct Trace {
  TrainConfig config;
  std::string input;
  int vocab_size = 0;
  std::vector<double> losses;
};

// Options that older traces do not mention.
inline void ReadOptimizer(const nlohmann::json& args, TrainConfig& config) {
  config.adam.weight_decay = args.value("weight_decay", 0.0);
  config.grad_clip = args.value("grad_clip", 0.0);
  config.grad_accum = args.value("grad_accum", 1);
  const std::string schedule = args.value("lr_schedule", "linear");
  for (const LrSchedule kind :
       {LrSchedule::kLinear, LrSchedule::kCosine, LrSchedule::kConstant}) {
    if (ToString(kind) == schedule) config.schedule.kind = kind;
  }
  config.schedule.warmup_steps = args.value("warmup_steps", std::int64_t{0});
  config.schedule.min_lr = args.value("min_lr", 0.0);
}

inline Trace ReadTrace(const std::string& path) {
  std::ifstream file(path);
  const nlohmann::json json = nlohmann::json::parse(file);
  const nlohmann::json& args = json.at("args");
  Trace trace;
  trace.input = args.value("input", "");
  trace.vocab_size = static_cast<int>(json.at("vocab").size());
  json.at("loss").get_to(trace.losses);
  TrainConfig& config = trace.config;
  config.model.block_size = args.at("block_size");
  config.model.n_embd = args.at("n_embd");
  config.model.n_layer = args.at("n_layer");
  config.model.n_head = args.at("n_head");
  config.model.activation = args.value("activation", "relu2") == "relu"
                                ? Activation::kRelu
                                : Activation::kRelu2;
  config.adam.learning_rate = args.at("learning_rate");
  config.adam.beta1 = args.at("beta1");
  config.adam.beta2 = args.at("beta2");
  config.adam.eps = args.value("adam_eps", config.adam.eps);
  config.init_std = args.value("init_std", config.init_std);
  config.seed = args.at("seed");
  config.batch_size = args.contains("batch_size")
                          ? args.at("batch_size").get<int>()
                          : args.at("batch").get<int>();
  config.num_steps = args.at("num_steps");
  config.data.doc_mode = args.value("doc_mode", "lines") == "text"
                             ? DocMode::kText
                             : DocMode::kLines;
  ReadOptimizer(args, config);
  config.shuffle = !args.at("no_shuffle").get<bool>();
  return trace;
}

// The losses of as many steps as the trace has.
inline std::vector<double> Losses(Trainer& trainer, const Trace& trace) {
  EXPECT_EQ(trainer.config().model.vocab_size, trace.vocab_size);
  std::vector<double> losses;
  for (std::size_t i = 0; i < trace.losses.size(); ++i) {
    losses.push_back(trainer.Step().loss);
  }
  return losses;
}

// Largest difference among steps [0, count).
inline double LargestDifference(const std::vector<double>& losses,
                                const Trace& trace, std::size_t count) {
  EXPECT_GE(losses.size(), count);
  double largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    largest = std::max(largest, std::fabs(losses[i] - trace.losses[i]));
  }
  return largest;
}

// Mean over steps [begin, begin + count).
inline double Mean(const std::vector<double>& losses, std::size_t begin,
                   std::size_t count) {
  double sum = 0;
  for (std::size_t i = begin; i < begin + count; ++i) sum += losses.at(i);
  return sum / static_cast<double>(count);
}

inline double MeanOfLast50(const std::vector<double>& losses) {
  return Mean(losses, losses.size() - 50, 50);
}

}  // namespace microgpt

#endif  // MICROGPT_TESTS_TRAIN_TRACE_H_
