// state.json: where a run stands, and the checksums of its generation.
#ifndef MICROGPT_CHECKPOINT_STATE_JSON_H_
#define MICROGPT_CHECKPOINT_STATE_JSON_H_

#include <map>
#include <string>
#include <string_view>

#include "checkpoint/byte_sink.h"
#include "microgpt/checkpoint.h"

namespace microgpt {

// By file name, state.json itself left out.
using FileSummaries = std::map<std::string, FileSummary>;

struct StateFile {
  CheckpointState state;
  FileSummaries files;
};

// Ends with a checksum of all that stands before it.
std::string StateJson(const StateFile& file);

// Checks the checksum, then reads. Throws Error(kInput) naming the file `path`
// for any other text, unknown fields and values out of range included.
StateFile ParseStateJson(std::string_view text, const std::string& path);

// The same without the checksum; `body` is the JSON that it stands in.
StateFile ParseStateBody(std::string_view body, const std::string& path);

}  // namespace microgpt

#endif  // MICROGPT_CHECKPOINT_STATE_JSON_H_
