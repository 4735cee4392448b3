#include "cli/tensorboard/event_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <system_error>

#include "cli/tensorboard/crc32c.h"
#include "cli/tensorboard/message.h"
#include "microgpt/error.h"

namespace microgpt::cli {
namespace {

namespace fs = std::filesystem;

// Fields of the messages of TensorFlow's event.proto and summary.proto.
enum EventField {
  kWallTime = 1,
  kStep = 2,
  kFileVersion = 3,
  kSummary = 5,
  kSessionLog = 7
};
enum SummaryField { kValue = 1 };
enum ValueField { kTag = 1, kSimpleValue = 2 };
enum SessionLogField { kStatus = 1 };
constexpr int kStart = 1;  // a status

std::string HostName() {
  std::array<char, 256> name = {};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') {
    return "localhost";
  }
  std::string clean = name.data();
  for (char& c : clean) {
    if (c == '/') c = '_';
  }
  return clean;
}

void MakeFolder(const std::string& folder) {
  std::error_code error;
  fs::create_directory(folder, error);
  if (error) {
    throw Error(ErrorKind::kIo, "--tensorboard: " + folder +
                                    ": cannot be made: " + error.message());
  }
}

// Of this second, or the next one that has no file yet: readers sort by it.
std::string NewPath(const std::string& folder) {
  MakeFolder(folder);
  const std::string host = HostName();
  for (auto seconds = static_cast<std::int64_t>(UnixSeconds());; ++seconds) {
    std::string path =
        fmt::format("{}/events.out.tfevents.{:010}.{}", folder, seconds, host);
    std::error_code error;
    if (!fs::exists(path, error)) return path;  // or opening it says why not
  }
}

void AddScalar(const char* tag, double value, Message& summary) {
  summary.Bytes(kValue, Message()
                            .Bytes(kTag, tag)
                            .Float(kSimpleValue, static_cast<float>(value))
                            .bytes());
}

}  // namespace

double UnixSeconds() {
  return std::chrono::duration<double>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

EventFile::EventFile(const std::string& folder, std::int64_t steps_done)
    : path_(NewPath(folder)),
      file_(path_, OutputFile::Mode::kNew),
      writer_(file_.descriptor(), path_) {
  const double now = UnixSeconds();
  Append(Message()
             .Double(kWallTime, now)
             .Bytes(kFileVersion, "brain.Event:2")
             .bytes());
  if (steps_done > 0) {
    Append(Message()
               .Double(kWallTime, now)
               .Integer(kStep, steps_done + 1)
               .Bytes(kSessionLog, Message().Integer(kStatus, kStart).bytes())
               .bytes());
  }
  Flush();
}

void EventFile::WriteStep(const StepRecord& record, double unix_seconds) {
  const StepResult& result = record.result;
  Message summary;
  AddScalar("loss/train", result.loss, summary);
  if (record.validation_loss) {
    AddScalar("loss/validation", *record.validation_loss, summary);
  }
  AddScalar("optimizer/learning_rate", result.learning_rate, summary);
  if (result.grad_norm) {
    AddScalar("optimizer/grad_norm", *result.grad_norm, summary);
  }
  if (record.step_seconds > 0) {
    AddScalar("speed/tokens_per_second",
              static_cast<double>(result.tokens) / record.step_seconds,
              summary);
  }
  Append(Message()
             .Double(kWallTime, unix_seconds)
             .Integer(kStep, result.step)
             .Bytes(kSummary, summary.bytes())
             .bytes());
}

void EventFile::Append(const std::string& event) {
  std::string record;
  AppendFixed64(event.size(), record);
  AppendFixed32(MaskedCrc32c(record), record);
  record += event;
  AppendFixed32(MaskedCrc32c(event), record);
  writer_.Append(record);
}

}  // namespace microgpt::cli
