#include "base/hash.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <bit>
#include <new>

namespace microgpt {

static_assert(std::endian::native == std::endian::little);

void Hash128::Free::operator()(XXH3_state_s* state) const {
  XXH3_freeState(state);
}

Hash128::Hash128() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  XXH3_128bits_reset(state_.get());
}
Hash128::~Hash128() = default;
Hash128::Hash128(Hash128&&) noexcept = default;

void Hash128::Add(std::span<const char> bytes) noexcept {
  XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
}

void Hash128::Add(std::span<const float> values) noexcept {
  XXH3_128bits_update(state_.get(), values.data(), values.size_bytes());
}

std::string Hash128::Hex() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string HashOf(std::string_view bytes) {
  Hash128 hash;
  hash.Add(std::span<const char>(bytes));
  return hash.Hex();
}

}  // namespace microgpt
