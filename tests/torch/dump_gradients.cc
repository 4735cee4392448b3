// Runs documents through a checkpoint and writes what came out, for a
// comparison with PyTorch:
//
//     dump_gradients CHECKPOINT OUT.safetensors DOCUMENT...
//
// OUT holds "logits" [R, V] and "losses" [R, 1] of the R predictions, document
// after document, and under its own name the gradient of the mean loss for
// every tensor.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "checkpoint/byte_sink.h"
#include "checkpoint/safetensors_writer.h"
#include "gtest/gtest.h"
#include "microgpt/checkpoint.h"
#include "microgpt/error.h"
#include "tests/model/engine.h"

namespace microgpt {
namespace {

// BOS, the characters and BOS; the first block_size predictions.
Document Encode(const Checkpoint& checkpoint, const std::string& text) {
  std::vector<std::int32_t> tokens = checkpoint.tokenizer().Encode(text);
  tokens.insert(tokens.begin(), Tokenizer::kBos);
  tokens.push_back(Tokenizer::kBos);
  const auto block =
      static_cast<std::size_t>(checkpoint.state().config.model.block_size);
  if (tokens.size() > block + 1) tokens.resize(block + 1);
  return {{tokens.begin(), tokens.end() - 1},
          {tokens.begin() + 1, tokens.end()}};
}

void Write(const std::string& path, const std::vector<TensorSource>& tensors) {
  const std::unique_ptr<NewFile> file = RealFileSystem().CreateFile(path);
  ByteSink sink(*file);
  WriteTensors(tensors, sink);
  sink.Finish();
  file->Close();
}

void Dump(const std::string& checkpoint_path, const std::string& out,
          std::span<const char* const> texts) {
  const Checkpoint checkpoint =
      Checkpoint::Open(checkpoint_path, CheckpointUse::kInference);
  const Model model = checkpoint.LoadModel();
  std::vector<Document> documents;
  for (const char* text : texts) documents.push_back(Encode(checkpoint, text));
  EngineResult result = Engine(model, documents.size()).Run(documents);

  const std::size_t rows = result.losses.size();
  const auto vocab = static_cast<std::size_t>(model.config().vocab_size);
  const std::vector<float> losses(result.losses.begin(), result.losses.end());
  std::vector<TensorSource> tensors = {
      {"logits", rows, vocab, vocab, result.logits.data()},
      {"losses", rows, 1, 1, losses.data()}};
  for (const TensorInfo& info : model.tensors()) {
    std::vector<float>& gradient = result.gradients[info.name];
    for (float& value : gradient) value /= static_cast<float>(rows);
    tensors.push_back(
        {info.name, info.rows, info.cols, info.cols, gradient.data()});
  }
  Write(out, tensors);
}

}  // namespace
}  // namespace microgpt

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);  // the engine expects things
  if (argc < 4) {
    std::fprintf(stderr, "usage: %s CHECKPOINT OUT DOCUMENT...\n", argv[0]);
    return 2;
  }
  try {
    microgpt::Dump(
        argv[1], argv[2],
        std::span<char*>(argv, static_cast<std::size_t>(argc)).subspan(3));
  } catch (const microgpt::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(error.kind());
  }
  return testing::UnitTest::GetInstance()->Failed() ? 1 : 0;
}
