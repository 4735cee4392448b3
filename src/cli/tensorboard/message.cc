#include "cli/tensorboard/message.h"

#include <bit>

namespace microgpt::cli {
namespace {

enum WireType : unsigned {
  kVarint = 0,
  kFixed64 = 1,
  kLength = 2,
  kFixed32 = 5
};

}  // namespace

void AppendFixed32(std::uint32_t value, std::string& bytes) {
  for (int shift = 0; shift < 32; shift += 8) {
    bytes += static_cast<char>((value >> shift) & 0xFFu);
  }
}

void AppendFixed64(std::uint64_t value, std::string& bytes) {
  for (int shift = 0; shift < 64; shift += 8) {
    bytes += static_cast<char>((value >> shift) & 0xFFu);
  }
}

void Message::Varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) {
    bytes_ += static_cast<char>((value & 0x7Fu) | 0x80u);
  }
  bytes_ += static_cast<char>(value);
}

void Message::Key(int field, unsigned wire_type) {
  Varint(static_cast<std::uint64_t>(field) << 3 | wire_type);
}

Message& Message::Integer(int field, std::int64_t value) {
  Key(field, kVarint);
  Varint(static_cast<std::uint64_t>(value));
  return *this;
}

Message& Message::Double(int field, double value) {
  Key(field, kFixed64);
  AppendFixed64(std::bit_cast<std::uint64_t>(value), bytes_);
  return *this;
}

Message& Message::Float(int field, float value) {
  Key(field, kFixed32);
  AppendFixed32(std::bit_cast<std::uint32_t>(value), bytes_);
  return *this;
}

Message& Message::Bytes(int field, std::string_view value) {
  Key(field, kLength);
  Varint(value.size());
  bytes_ += value;
  return *this;
}

}  // namespace microgpt::cli
