#include "microgpt/error.h"

namespace microgpt {

std::string QuoteText(std::string_view text) {
  constexpr std::size_t kMaxBytes = 40;
  const auto inside_character = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  std::size_t size = text.size();
  if (size > kMaxBytes) {
    size = kMaxBytes;
    while (size > 0 && inside_character(size)) --size;
  }
  std::string quote(text.substr(0, size));
  for (char& c : quote) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = '?';
  }
  return size < text.size() ? quote + "..." : quote;
}

}  // namespace microgpt
