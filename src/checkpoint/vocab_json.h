// vocab.json: every token and its id.
#ifndef MICROGPT_CHECKPOINT_VOCAB_JSON_H_
#define MICROGPT_CHECKPOINT_VOCAB_JSON_H_

#include <string>
#include <string_view>

#include "microgpt/tokenizer.h"

namespace microgpt {

// {"<bos>": 0, "a": 1, ...} in the order of ids; {"<ids>": 50257} for a
// tokenizer of so many ids.
std::string VocabJson(const Tokenizer& tokenizer);

// Reads what VocabJson writes. Throws Error(kInput) naming the file `path` for
// anything else: ids out of order, tokens that are not single code points in
// ascending order.
Tokenizer ParseVocabJson(std::string_view text, const std::string& path);

}  // namespace microgpt

#endif  // MICROGPT_CHECKPOINT_VOCAB_JSON_H_
