// Gives every file of a folder, and texts nested too deeply to be kept as
// files, to a harness. Files named valid* must be accepted, files named
// hostile* must not.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/harness.h"

namespace microgpt::fuzz {
namespace {

namespace fs = std::filesystem;

std::string Read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw std::runtime_error("cannot be read");
  return content;
}

// Whether it was accepted. The copy ends where the input ends, so that a
// sanitizer sees what reads on.
bool Run(std::string_view input) {
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  const int before = accepted_inputs;
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  return accepted_inputs != before;
}

void RunFile(const fs::path& path) {
  const bool accepted = Run(Read(path));
  const std::string name = path.filename().string();
  if (name.starts_with("valid")) {
    Require(accepted, "refused; is it outdated? Run tests/fuzz/make_seeds.py");
  } else if (name.starts_with("hostile")) {
    Require(!accepted, "accepted");
  }
}

std::string Repeat(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

// As a text, and as the header of a safetensors file: 60,000 bytes are what its
// reader looks into.
void RunDeepNesting() {
  std::vector<std::string> texts;
  for (const std::string_view start :
       {"", "{\"wte\":", "{\"wte\":{\"shape\":", "{\"__metadata__\":{\"a\":",
        "{\"config\":", "{\"progress\":{\"recent_losses\":", "{\"<bos>\":"}) {
    for (const std::size_t levels : {10'000u, 60'000u, 100'000u}) {
      const std::string open = std::string(start) + Repeat("[", levels);
      texts.push_back(open);
      texts.push_back(open + Repeat("]", levels) + "}");
      texts.push_back(std::string(start) + Repeat("{\"a\":", levels));
    }
  }
  for (const std::string& text : texts) {
    const std::uint64_t length = text.size();
    std::string file(sizeof(length), '\0');
    std::memcpy(file.data(), &length, sizeof(length));
    Run(text);
    Run(file + text);
  }
}

std::vector<fs::path> FilesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

int Replay(const fs::path& folder) {
  const std::vector<fs::path> files = FilesIn(folder);
  int failures = 0;
  for (const fs::path& file : files) {
    try {
      RunFile(file);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", file.c_str(), error.what());
      ++failures;
    }
  }
  RunDeepNesting();
  std::printf("%zu files ran, %d failed\n", files.size(), failures);
  if (files.empty()) throw std::runtime_error("no files there");
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace microgpt::fuzz

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  try {
    return microgpt::fuzz::Replay(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[1], error.what());
    return 1;
  }
}
