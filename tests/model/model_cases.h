// Models and documents that the tests of this folder share.
#ifndef MICROGPT_TESTS_MODEL_MODEL_CASES_H_
#define MICROGPT_TESTS_MODEL_MODEL_CASES_H_

#include <string>
#include <vector>

#include "microgpt/config.h"
#include "microgpt/model.h"
#include "tests/kernels/compare.h"
#include "tests/model/reference_model.h"

namespace microgpt {

struct ModelCase {
  ModelConfig config;
  // Largest magnitude of wte and wpe.
  float embedding_scale = 1;
  // Largest accepted relative error of a gradient. Measured: 4.5e-6.
  double bound = 1e-5;
};

// Every shape that the blocked kernels treat differently, both activations.
std::vector<ModelCase> ModelCases();

// "C16_L1_T8_H4_V27_relu2"
std::string CaseName(const ModelCase& model_case);

// Nonzero floats in every tensor, of a size that keeps activations near one.
Tensors RandomWeights(const ModelCase& model_case, TestRandom& random);

// Tokens in [0, vocab_size).
Document RandomDocument(const ModelConfig& config, std::size_t positions,
                        TestRandom& random);

// Lengths from one position to block_size, the longest neither first nor last.
std::vector<Document> RandomDocuments(const ModelConfig& config,
                                      TestRandom& random);

Model MakeModel(const ModelConfig& config, const Tensors& weights);

}  // namespace microgpt

#endif  // MICROGPT_TESTS_MODEL_MODEL_CASES_H_
