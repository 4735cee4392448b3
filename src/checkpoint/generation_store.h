// Adds generations to an output folder and removes old ones.
#ifndef MICROGPT_CHECKPOINT_GENERATION_STORE_H_
#define MICROGPT_CHECKPOINT_GENERATION_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "microgpt/checkpoint.h"

namespace microgpt {

// What CheckpointFolder does, on any file system and without the lock.
//
// A generation is written under another name, every file of it is synced, then
// the folder; only then it gets its name, and only when that is durable an
// older one is touched. Whatever is lost in a crash, the newest folder named
// generation-N is complete. Single-threaded.
class GenerationStore {
 public:
  // `files` must outlive the store. Removes what interrupted saves left.
  // Throws Error(kIo) if the folder cannot be read.
  GenerationStore(FileSystem& files, std::string folder);

  const std::string& folder() const { return folder_; }
  bool empty() const { return generations_.empty(); }

  // Counts generation `number` as one of the two to keep.
  void Keep(std::uint64_t number);

  // See CheckpointFolder::Save.
  std::string Save(const CheckpointContents& contents);

 private:
  std::string PathOf(std::string_view name) const;
  void RemoveLeftovers(const std::vector<std::string>& names);
  void WriteGeneration(const CheckpointContents& contents,
                       const std::string& path);
  void RemoveOldGenerations();

  FileSystem& files_;
  std::string folder_;
  std::vector<std::uint64_t> generations_;  // ascending
  std::uint64_t last_number_ = 0;           // the highest that was ever used
  std::vector<std::uint64_t> kept_;         // known to be good, at most two
};

}  // namespace microgpt

#endif  // MICROGPT_CHECKPOINT_GENERATION_STORE_H_
