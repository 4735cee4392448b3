// Scalars for TensorBoard.
#ifndef MICROGPT_CLI_TENSORBOARD_EVENT_FILE_H_
#define MICROGPT_CLI_TENSORBOARD_EVENT_FILE_H_

#include <cstdint>
#include <string>

#include "cli/step_record.h"
#include "cli/writer.h"

namespace microgpt::cli {

double UnixSeconds();

// A new file events.out.tfevents.SECONDS.HOST in a folder that may hold those
// of earlier parts of the run; TensorBoard reads them as one. Records are
// framed as in TFRecord files: length, its checksum, an Event, its checksum.
class EventFile {
 public:
  // Makes the folder if only its last component is missing. For a resumed run
  // an event says that it starts after steps_done: TensorBoard then forgets
  // what an earlier file says of later steps. Throws Error(kIo).
  EventFile(const std::string& folder, std::int64_t steps_done);

  // loss/train, loss/validation, optimizer/learning_rate, optimizer/grad_norm,
  // speed/tokens_per_second; those that the step has.
  void WriteStep(const StepRecord& record, double unix_seconds);
  void Flush() { writer_.Flush(); }

 private:
  void Append(const std::string& event);

  std::string path_;
  OutputFile file_;
  Writer writer_;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_TENSORBOARD_EVENT_FILE_H_
