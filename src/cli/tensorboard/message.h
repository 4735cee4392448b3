// Messages of Protocol Buffers, as far as event files need them.
#ifndef MICROGPT_CLI_TENSORBOARD_MESSAGE_H_
#define MICROGPT_CLI_TENSORBOARD_MESSAGE_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace microgpt::cli {

// The bytes of `value`, the lowest first.
void AppendFixed32(std::uint32_t value, std::string& bytes);
void AppendFixed64(std::uint64_t value, std::string& bytes);

// Encodes fields in the order of the calls.
class Message {
 public:
  // int64 and enum. REQUIRES: value >= 0.
  Message& Integer(int field, std::int64_t value);
  Message& Double(int field, double value);
  Message& Float(int field, float value);
  // string, bytes, and messages in messages.
  Message& Bytes(int field, std::string_view value);

  const std::string& bytes() const { return bytes_; }

 private:
  void Key(int field, unsigned wire_type);
  void Varint(std::uint64_t value);

  std::string bytes_;
};

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_TENSORBOARD_MESSAGE_H_
