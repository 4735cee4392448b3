// Checksums that do not depend on the machine.
#ifndef MICROGPT_BASE_HASH_H_
#define MICROGPT_BASE_HASH_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>

struct XXH3_state_s;

namespace microgpt {

// XXH3, 128 bits, of a sequence of bytes given piece by piece.
class Hash128 {
 public:
  Hash128();
  ~Hash128();
  Hash128(Hash128&&) noexcept;

  void Add(std::span<const char> bytes) noexcept;
  void Add(std::span<const float> values) noexcept;  // little-endian
  // 32 lower-case hexadecimal digits, the high half first.
  std::string Hex() const;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

std::string HashOf(std::string_view bytes);

}  // namespace microgpt

#endif  // MICROGPT_BASE_HASH_H_
