// Small corpora, and all the ways in which this build can run a training.
#ifndef MICROGPT_TESTS_TRAIN_TRAIN_UTIL_H_
#define MICROGPT_TESTS_TRAIN_TRAIN_UTIL_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "microgpt/corpus.h"
#include "microgpt/system.h"
#include "microgpt/trainer.h"

namespace microgpt {

// Executors that this build has.
inline std::vector<ExecutorKind> ExecutorKinds() {
  std::vector<ExecutorKind> kinds = {ExecutorKind::kStdThread};
  if (DefaultExecutorName() == "oneTBB") kinds.push_back(ExecutorKind::kTbb);
  return kinds;
}

// About 200 names, and the alphabet so that there are 27 tokens.
inline Corpus SmallCorpus() {
  const std::string_view all = BuiltInCorpusText();
  std::string text = "abcdefghijklmnopqrstuvwxyz\n";
  for (std::size_t at = 0; at < all.size(); at += all.size() / 200) {
    const std::size_t begin = all.find('\n', at);
    const std::size_t end = all.find('\n', begin + 1);
    if (begin == all.npos || end == all.npos) break;
    text += all.substr(begin + 1, end - begin);
  }
  return Corpus::FromText(std::move(text), "small corpus");
}

// Documents of 1 to `longest` characters, and the alphabet.
inline Corpus LongAndShortDocuments(std::size_t longest) {
  Random random(1);
  std::string text = "abcdefghijklmnopqrstuvwxyz\n";
  for (int i = 0; i < 30; ++i) {
    const std::size_t length = 1 + random.Index(longest);
    for (std::size_t k = 0; k < length; ++k) {
      text += static_cast<char>('a' + random.Index(26));
    }
    text += '\n';
  }
  return Corpus::FromText(std::move(text), "long and short documents");
}

// Everything that must not depend on threads, executor or SIMD target.
struct Outcome {
  std::vector<double> losses;
  std::string digest;

  bool operator==(const Outcome&) const = default;
};

inline Outcome Train(const TrainConfig& config, Corpus corpus, int steps) {
  Trainer trainer(config, std::move(corpus));
  Outcome outcome;
  for (int i = 0; i < steps; ++i) {
    outcome.losses.push_back(trainer.Step().loss);
  }
  outcome.digest = trainer.Digest();
  return outcome;
}

}  // namespace microgpt

#endif  // MICROGPT_TESTS_TRAIN_TRAIN_UTIL_H_
