// What a user who mistyped a name may have meant.
#ifndef MICROGPT_CLI_DID_YOU_MEAN_H_
#define MICROGPT_CLI_DID_YOU_MEAN_H_

#include <string>
#include <vector>

namespace microgpt::cli {

// The candidate that differs from `word` by the fewest letters added, left out,
// changed or exchanged with their neighbour; empty if none is close. The first
// of several.
std::string Nearest(const std::string& word,
                    const std::vector<std::string>& candidates);

// "; did you mean --n-embd?", or nothing.
std::string DidYouMean(const std::string& word,
                       const std::vector<std::string>& candidates);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_DID_YOU_MEAN_H_
