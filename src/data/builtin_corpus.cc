// The corpus that is used when there is no other: given names, written for this
// project.
#include "microgpt/corpus.h"

namespace microgpt {

std::string_view BuiltInCorpusText() {
  static constexpr std::string_view kNames =
#include "data/builtin_names.inc"
      ;
  return kNames;
}

}  // namespace microgpt
