// Runs packs of documents through Forward, Loss and Backward.
#ifndef MICROGPT_TESTS_MODEL_ENGINE_H_
#define MICROGPT_TESTS_MODEL_ENGINE_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/executor.h"
#include "microgpt/model.h"
#include "model/activations.h"
#include "model/parameters.h"
#include "tests/model/reference_model.h"

namespace microgpt {

struct EngineResult {
  std::vector<float> logits;   // [R, V]
  std::vector<double> losses;  // [R] in nats
  // Of the sum of losses, row-major [out, in].
  std::map<std::string, std::vector<float>> gradients;

  double LossSum() const;
};

// Keeps its buffers from run to run, as training does.
class Engine {
 public:
  // For packs of at most max_documents documents, on one thread. `model` must
  // outlive it.
  Engine(const Model& model, std::size_t max_documents);
  // `executor` too. It has as many workers as `shape` has room for.
  Engine(const Model& model, const PackShape& shape, Executor& executor);

  // Checks that the padding of activations' logits and of gradients is zero.
  EngineResult Run(const std::vector<Document>& documents);
  // One pack for each element, accumulating gradients.
  EngineResult RunPacks(const std::vector<std::vector<Document>>& packs);

 private:
  void RunPack(const std::vector<Document>& documents, Write write,
               EngineResult& result);
  void ReadLogits(std::size_t rows, EngineResult& result);
  void ReadGradients(EngineResult& result) const;

  const Parameters& parameters_;
  Executor& executor_;
  Activations activations_;
  AlignedBuffer<float> arena_;  // gradients
  ModelTensors gradients_;
};

}  // namespace microgpt

#endif  // MICROGPT_TESTS_MODEL_ENGINE_H_
