// Lines on stderr about what slows or spoils a run, each with what to change.
#ifndef MICROGPT_CLI_ADVICE_H_
#define MICROGPT_CLI_ADVICE_H_

#include <cstdint>
#include <string>

#include "microgpt/config.h"
#include "microgpt/corpus.h"
#include "microgpt/tokenizer.h"

namespace microgpt::cli {

// That threads take turns on fewer CPUs.
void WarnAboutThreads(int threads);

// That the library was compiled without optimisation.
void WarnAboutBuild();

// A vocabulary that a text seldom has: control characters, as in a binary file,
// or so many characters that each is seen a few times only. "" if it has
// neither. tokens: of the whole text.
std::string VocabularyAdvice(const Tokenizer& tokenizer, std::uint64_t tokens);
void WarnAboutVocabulary(const Corpus& corpus);

// How much of long lines is not trained on, if anything; a warning where that
// is most of the lines, unless quiet just a note elsewhere.
void AdviseOnTruncation(const Corpus& corpus, const TrainConfig& config,
                        bool quiet);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_ADVICE_H_
