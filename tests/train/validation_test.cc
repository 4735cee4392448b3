// Validation: its loss is that of eval, it changes no training, and a run that
// goes on remembers what it has found.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "microgpt/evaluator.h"
#include "microgpt/trainer.h"
#include "tests/base/error_of.h"
#include "tests/checkpoint/saved_run.h"
#include "tests/train/train_util.h"

namespace microgpt {
namespace {

// Some names of every length, in the tokens of SmallCorpus.
Corpus ValidationCorpus() {
  std::string text;
  for (const char* name :
       {"emma", "zoe", "a", "maximilian", "jo", "alexandria", "bob"}) {
    for (int i = 0; i < 7; ++i) text += std::string(name) + "\n";
  }
  return Corpus::FromText(text, "validation", SmallCorpus().tokenizer());
}

TrainConfig Config() {
  TrainConfig config;
  config.num_steps = 10;
  config.eval_every = 3;
  config.batch_size = 5;
  config.threads = 1;
  return config;
}

Trainer NewTrainer(const TrainConfig& config) {
  return {config, SmallCorpus(), ValidationCorpus()};
}

struct Losses {
  std::vector<double> training;
  std::vector<std::pair<std::int64_t, double>> validation;  // step, loss

  bool operator==(const Losses&) const = default;
};

// Steps up to `last`, validating where it is due.
void RunTo(std::int64_t last, Trainer& trainer, Losses& losses) {
  while (trainer.steps_done() < last) {
    losses.training.push_back(trainer.Step().loss);
    if (!trainer.ValidationDue()) continue;
    const double loss = trainer.Validate().evaluation.loss;
    losses.validation.emplace_back(trainer.steps_done(), loss);
  }
}

std::vector<std::int64_t> StepsValidated(const TrainConfig& config,
                                         std::int64_t last) {
  Trainer trainer = NewTrainer(config);
  Losses losses;
  RunTo(last, trainer, losses);
  std::vector<std::int64_t> steps;
  for (const auto& [step, loss] : losses.validation) steps.push_back(step);
  return steps;
}

TEST(ValidationTest, IsDueAfterEveryEvalEveryStepsAndTheLast) {
  using Steps = std::vector<std::int64_t>;
  TrainConfig config = Config();
  EXPECT_EQ(StepsValidated(config, 10), (Steps{3, 6, 9, 10}));
  EXPECT_EQ(StepsValidated(config, 13), (Steps{3, 6, 9, 10, 12}));
  config.eval_every = 5;
  EXPECT_EQ(StepsValidated(config, 10), (Steps{5, 10}));
  config.eval_every = 0;
  EXPECT_EQ(StepsValidated(config, 10), (Steps{10}));
  config.eval_every = 100;
  EXPECT_EQ(StepsValidated(config, 10), (Steps{10}));
  config.num_steps = 0;
  EXPECT_EQ(StepsValidated(config, 0), Steps{});
}

TEST(ValidationTest, WithoutACorpusItIsNeverDue) {
  TrainConfig config = Config();
  config.eval_every = 0;
  Trainer trainer(config, SmallCorpus());
  RunSteps(trainer, 10);
  EXPECT_FALSE(trainer.ValidationDue());
  EXPECT_EQ(trainer.validation_corpus(), nullptr);
}

// Passes of one document, of several, and of more than there are.
TEST(ValidationTest, IsExactlyTheLossOfEvaluate) {
  const Corpus corpus = ValidationCorpus();
  for (const int batch : {1, 2, 5, 64, 300}) {
    for (const int block : {1, 5, 8, 40}) {
      TrainConfig config = Config();
      config.batch_size = batch;
      config.model.block_size = block;
      config.eval_every = 1;
      Trainer trainer = NewTrainer(config);
      for (int i = 0; i < 2; ++i) {
        trainer.Step();
        const Evaluation found = trainer.Validate().evaluation;
        const Evaluation expected = Evaluate(trainer.model(), corpus, {});
        EXPECT_EQ(found.loss, expected.loss) << batch << " " << block;
        EXPECT_EQ(found.tokens, expected.tokens);
        EXPECT_EQ(found.characters, expected.characters);
        EXPECT_EQ(found.documents, expected.documents);
      }
    }
  }
}

TEST(ValidationTest, SameForThreadsAndExecutors) {
  TrainConfig config = Config();
  config.model.n_embd = 32;  // large enough to be shared
  config.batch_size = 64;
  Trainer first = NewTrainer(config);
  Losses expected;
  RunTo(10, first, expected);
  for (const ExecutorKind kind : ExecutorKinds()) {
    for (const int threads : {1, 2, 3, 8}) {
      config.threads = threads;
      config.executor = kind;
      Trainer trainer = NewTrainer(config);
      Losses losses;
      RunTo(10, trainer, losses);
      EXPECT_EQ(losses, expected) << threads;
      EXPECT_EQ(trainer.Digest(), first.Digest()) << threads;
    }
  }
}

TEST(ValidationTest, ChangesNoTraining) {
  for (const int batch : {1, 5, 64}) {
    for (const int threads : {1, 2, 3, 8}) {
      TrainConfig config = Config();
      config.batch_size = batch;
      config.threads = threads;
      config.eval_every = 1;
      Trainer trainer = NewTrainer(config);
      Losses losses;
      RunTo(10, trainer, losses);
      config.eval_every = 0;
      const Outcome plain = Train(config, SmallCorpus(), 10);
      EXPECT_EQ(losses.training, plain.losses) << batch;
      EXPECT_EQ(trainer.Digest(), plain.digest) << batch;
    }
  }
}

TEST(ValidationTest, KnowsTheBestLoss) {
  TrainConfig config = Config();
  config.num_steps = 60;
  config.eval_every = 1;
  config.adam.learning_rate = 0.1;  // falls, and rises again and again
  Trainer trainer = NewTrainer(config);
  ValidationProgress expected;
  expected.best_loss = std::numeric_limits<double>::infinity();
  std::int64_t worse = 0;
  for (int step = 1; step <= 60; ++step) {
    trainer.Step();
    const ValidationResult result = trainer.Validate();
    EXPECT_EQ(result.is_best, result.evaluation.loss < expected.best_loss);
    ++expected.since_best;
    if (result.evaluation.loss < expected.best_loss) {
      expected.best_loss = result.evaluation.loss;
      expected.best_step = step;
      expected.since_best = 0;
    }
    worse += expected.since_best > 0 ? 1 : 0;
    EXPECT_EQ(trainer.validation().count, step);
    EXPECT_EQ(trainer.validation().best_loss, expected.best_loss);
    EXPECT_EQ(trainer.validation().best_step, expected.best_step);
    EXPECT_EQ(trainer.validation().since_best, expected.since_best);
  }
  EXPECT_GT(worse, 5);
  EXPECT_LT(worse, 55);
}

TEST(ValidationTest, AnEqualLossIsNoBetter) {
  TrainConfig config = Config();
  config.adam.learning_rate = 0;
  config.early_stop_patience = 2;
  Trainer trainer = NewTrainer(config);
  Losses losses;
  RunTo(6, trainer, losses);
  EXPECT_EQ(trainer.validation().best_step, 3);
  EXPECT_EQ(trainer.validation().since_best, 1);
  EXPECT_FALSE(trainer.stopped_early());
  RunTo(9, trainer, losses);
  EXPECT_EQ(trainer.validation().since_best, 2);
  EXPECT_TRUE(trainer.stopped_early());
}

TEST(ValidationTest, PatienceIsOffByDefault) {
  TrainConfig config = Config();
  config.adam.learning_rate = 0;
  Trainer trainer = NewTrainer(config);
  Losses losses;
  RunTo(10, trainer, losses);
  EXPECT_EQ(trainer.validation().since_best, 3);
  EXPECT_FALSE(trainer.stopped_early());
}

TEST(ValidationTest, ASpoiledModelIsNamedAndNothingRecorded) {
  // Only validation reads the embedding of "z".
  const Corpus all = Corpus::FromText("ab\nz\n", "all");
  TrainConfig config = Config();
  config.eval_every = 1;
  Trainer trainer(config, Corpus::FromText("ab\nba\n", "ab", all.tokenizer()),
                  Corpus::FromText("a\nbz\n", "z", all.tokenizer()));
  std::vector<float> values(4 * 16);
  trainer.model().GetTensor("wte", values);
  values.back() = std::nanf("");
  trainer.SetTensor("wte", values);
  trainer.Step();
  const std::string digest = trainer.Digest();
  const Error error = ErrorOf([&] { trainer.Validate(); });
  EXPECT_EQ(error.kind(), ErrorKind::kNumeric);
  for (const char* part : {"validation after step 1", "document 2 'bz'"}) {
    EXPECT_TRUE(Mentions(error, part)) << error.what();
  }
  EXPECT_EQ(trainer.Digest(), digest);
  EXPECT_TRUE(trainer.ValidationDue());
  EXPECT_EQ(trainer.validation().count, 0);
}

TEST(ValidationTest, CorporaThatCannotBeUsed) {
  const auto make = [](const TrainConfig& config, std::optional<Corpus> corpus,
                       ErrorKind kind, const char* part) {
    const Error error = ErrorOf(
        [&] { Trainer trainer(config, SmallCorpus(), std::move(corpus)); });
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_TRUE(Mentions(error, part)) << error.what();
  };
  make(Config(), Corpus::FromText("abc\n", "other"), ErrorKind::kInput,
       "other tokens");
  make(Config(), std::nullopt, ErrorKind::kUsage, "--eval-every needs");
  TrainConfig config = Config();
  config.data.val_split = 0.5;
  make(config, ValidationCorpus(), ErrorKind::kUsage, "leave one out");
  config = Config();
  config.data.doc_mode = DocMode::kText;
  const Error error = ErrorOf([&] {
    Trainer trainer(config,
                    Corpus::FromText("ab", "a", CorpusOptionsOf(config)),
                    Corpus::FromText("ab", "b"));
  });
  EXPECT_EQ(error.kind(), ErrorKind::kUsage);
  EXPECT_TRUE(Mentions(error, "--doc-mode")) << error.what();
}

std::vector<std::string> Documents(const Corpus& corpus) {
  std::vector<std::string> documents;
  for (std::size_t i = 0; i < corpus.num_documents(); ++i) {
    documents.push_back(corpus.Document(i));
  }
  std::sort(documents.begin(), documents.end());
  return documents;
}

TEST(ValidationTest, ASplitTakesItsDocumentsFromTheCorpus) {
  TrainConfig config = Config();
  config.data.val_split = 0.25;
  Trainer trainer(config, SmallCorpus());
  ASSERT_NE(trainer.validation_corpus(), nullptr);
  const Corpus& part = *trainer.validation_corpus();
  const std::size_t all = SmallCorpus().num_documents();
  EXPECT_EQ(part.num_documents(), (all + 2) / 4);
  std::vector<std::string> both = Documents(trainer.corpus());
  const std::vector<std::string> kept = Documents(part);
  both.insert(both.end(), kept.begin(), kept.end());
  std::sort(both.begin(), both.end());
  EXPECT_EQ(both, Documents(SmallCorpus()));
  trainer.Step();
  trainer.Step();
  trainer.Step();
  EXPECT_EQ(trainer.Validate().evaluation.loss,
            Evaluate(trainer.model(), part, {}).loss);
}

class ResumedValidationTest : public testing::Test {
 protected:
  std::string path() const { return temp_.PathOf("run"); }

  // A run of Config(), saved after `step`.
  Losses Begin(const TrainConfig& config, std::int64_t step) {
    Trainer trainer = NewTrainer(config);
    Losses losses;
    RunTo(step, trainer, losses);
    Save(trainer);
    return losses;
  }
  void Save(const Trainer& trainer) {
    CheckpointFolder folder(path());
    trainer.Save(folder, {});
  }
  Trainer Resume(const ResumeOptions& options,
                 std::optional<Corpus> corpus = ValidationCorpus()) {
    return {Checkpoint::Open(path(), CheckpointUse::kResume), SmallCorpus(),
            options, std::move(corpus)};
  }

 private:
  TempFolder temp_;
};

TEST_F(ResumedValidationTest, GoesOnExactlyFromEveryStep) {
  Trainer whole = NewTrainer(Config());
  Losses expected;
  RunTo(10, whole, expected);
  for (std::int64_t step = 0; step <= 10; ++step) {
    Losses losses = Begin(Config(), step);
    Trainer trainer = Resume({.threads = 2});
    EXPECT_FALSE(trainer.ValidationDue()) << step;
    RunTo(10, trainer, losses);
    EXPECT_EQ(losses, expected) << step;
    EXPECT_EQ(trainer.validation().count, 4);
    EXPECT_EQ(trainer.validation().best_loss, whole.validation().best_loss);
    EXPECT_EQ(trainer.validation().best_step, whole.validation().best_step);
    EXPECT_EQ(trainer.validation().since_best, whole.validation().since_best);
    EXPECT_EQ(trainer.Digest(), whole.Digest()) << step;
  }
}

TEST_F(ResumedValidationTest, MoreStepsAreValidatedAtTheirOwnEnd) {
  Begin(Config(), 10);
  Trainer trainer = Resume({.num_steps = 14});
  Losses losses;
  RunTo(14, trainer, losses);
  ASSERT_EQ(losses.validation.size(), 2u);
  EXPECT_EQ(losses.validation[0].first, 12);
  EXPECT_EQ(losses.validation[1].first, 14);
  EXPECT_EQ(trainer.validation().count, 6);
}

TEST_F(ResumedValidationTest, PatienceMayChange) {
  TrainConfig config = Config();
  config.adam.learning_rate = 0;
  config.early_stop_patience = 1;
  Begin(config, 6);
  EXPECT_TRUE(Resume({}).stopped_early());
  EXPECT_TRUE(Resume({.early_stop_patience = 1}).stopped_early());
  EXPECT_FALSE(Resume({.early_stop_patience = 2}).stopped_early());
  EXPECT_FALSE(Resume({.early_stop_patience = 0}).stopped_early());
  EXPECT_EQ(Resume({.early_stop_patience = 7}).config().early_stop_patience, 7);
}

TEST_F(ResumedValidationTest, OtherDataAreRefusedUnlessAllowed) {
  Begin(Config(), 6);
  const auto other = [] {
    return Corpus::FromText("zoe\n", "other", SmallCorpus().tokenizer());
  };
  const Error error = ErrorOf([&] { Resume({}, other()); });
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  for (const char* part : {"validation", "--val-input", "--allow-changed"}) {
    EXPECT_TRUE(Mentions(error, part)) << error.what();
  }
  // Losses on other data say nothing about these.
  Trainer trainer = Resume({.allow_changed_data = true}, other());
  EXPECT_EQ(trainer.validation().count, 0);
  Losses losses;
  RunTo(9, trainer, losses);
  EXPECT_EQ(trainer.validation().count, 1);
  EXPECT_EQ(trainer.validation().best_step, 9);
  // From now on those are the data of the run.
  Save(trainer);
  EXPECT_EQ(Resume({}, other()).validation().count, 1);
  EXPECT_EQ(ErrorOf([&] { Resume({}); }).kind(), ErrorKind::kInput);
}

TEST_F(ResumedValidationTest, AllowingChangesForgetsNothingWithoutOne) {
  Begin(Config(), 6);
  EXPECT_EQ(Resume({.allow_changed_data = true}).validation().count, 2);
}

TEST_F(ResumedValidationTest, ASplitIsMadeAgain) {
  TrainConfig config = Config();
  config.data.val_split = 0.25;
  Trainer whole(config, SmallCorpus());
  Losses expected;
  RunTo(10, whole, expected);
  Losses losses;
  {
    Trainer trainer(config, SmallCorpus());
    RunTo(6, trainer, losses);
    Save(trainer);
  }
  const Checkpoint saved = Checkpoint::Open(path(), CheckpointUse::kResume);
  EXPECT_EQ(saved.state().progress.validation.fingerprint, "");
  Trainer trainer(saved, SmallCorpus(), {});
  RunTo(10, trainer, losses);
  EXPECT_EQ(losses, expected);
  EXPECT_EQ(trainer.Digest(), whole.Digest());
  // Of other data another part is split off: what was found is forgotten.
  const auto other = [] {
    return Corpus::FromText("zoe\nemma\n", "other", SmallCorpus().tokenizer());
  };
  EXPECT_EQ(ErrorOf([&] { Trainer(saved, other(), {}); }).kind(),
            ErrorKind::kInput);
  Trainer changed(saved, other(), {.allow_changed_data = true});
  EXPECT_EQ(changed.validation().count, 0);
  EXPECT_EQ(changed.validation_corpus()->num_documents(), 1u);
}

TEST_F(ResumedValidationTest, ARunThatBeganWithoutIt) {
  TrainConfig config = Config();
  config.eval_every = 0;
  {
    Trainer trainer(config, SmallCorpus());
    RunSteps(trainer, 4);
    Save(trainer);
  }
  const Error error = ErrorOf([&] { Resume({}); });
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_TRUE(Mentions(error, "began without --val-input")) << error.what();
  Trainer trainer = Resume({.allow_changed_data = true});
  Losses losses;
  RunTo(10, trainer, losses);
  EXPECT_EQ(trainer.validation().count, 1);
}

TEST_F(ResumedValidationTest, ARunThatHadItNeedsIt) {
  TrainConfig config = Config();
  config.eval_every = 0;
  Begin(config, 4);
  EXPECT_EQ(ErrorOf([&] { Resume({}, std::nullopt); }).kind(),
            ErrorKind::kInput);
}

}  // namespace
}  // namespace microgpt
