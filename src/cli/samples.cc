#include "cli/samples.h"

#include <fmt/format.h>

namespace microgpt::cli {

void AppendSamples(const Model& model, const Tokenizer& tokenizer,
                   const SampleOptions& options, Writer& out) {
  int number = 0;
  for (const std::string& text : Generate(model, tokenizer, options)) {
    out.Append(fmt::format("sample {}: {}\n", ++number, text));
  }
}

}  // namespace microgpt::cli
