// Trains on a text of one document per line, or on built-in names, saves the
// run and prints samples:  train_and_sample [TEXT [FOLDER]]
#include <cstdio>
#include <string>

#include "microgpt/checkpoint.h"
#include "microgpt/corpus.h"
#include "microgpt/error.h"
#include "microgpt/generator.h"
#include "microgpt/trainer.h"

namespace {

void TrainAndSample(int argc, char** argv) {
  microgpt::TrainConfig config;
  config.model.n_embd = 32;
  config.batch_size = 16;
  config.num_steps = 200;
  config.data.val_split = 0.1;
  config.eval_every = 100;

  microgpt::Trainer trainer(config, argc > 1
                                        ? microgpt::Corpus::FromFile(argv[1])
                                        : microgpt::Corpus::BuiltIn());
  trainer.Train([](const microgpt::TrainEvent& event) {
    if (event.validation) {
      std::printf("step %3lld: loss %.4f, validation %.4f\n",
                  static_cast<long long>(event.step.step), event.step.loss,
                  event.validation->evaluation.loss);
    }
    return true;  // false ends the training here
  });

  if (argc > 2) {
    microgpt::CheckpointFolder folder(argv[2]);
    trainer.Save(folder, {.input = argv[1]});
  }
  microgpt::SampleOptions options;
  options.num_samples = 5;
  const auto& tokenizer = trainer.corpus().tokenizer();
  for (const std::string& sample :
       microgpt::Generate(trainer.model(), tokenizer, options)) {
    std::printf("sample: %s\n", sample.c_str());
  }
  std::printf("digest: %s\n", trainer.Digest().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    TrainAndSample(argc, argv);
  } catch (const microgpt::Error& error) {
    std::fprintf(stderr, "train_and_sample: %s\n", error.what());
    return static_cast<int>(error.kind());
  }
}
