// Samples as lines of text.
#ifndef MICROGPT_CLI_SAMPLES_H_
#define MICROGPT_CLI_SAMPLES_H_

#include "cli/writer.h"
#include "microgpt/generator.h"

namespace microgpt::cli {

// "sample 1: ..." and so on. Throws as Generate does.
void AppendSamples(const Model& model, const Tokenizer& tokenizer,
                   const SampleOptions& options, Writer& out);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_SAMPLES_H_
