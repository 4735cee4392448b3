// Zero-filled arrays that begin on a cache line.
#ifndef MICROGPT_BASE_ALIGNED_BUFFER_H_
#define MICROGPT_BASE_ALIGNED_BUFFER_H_

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "base/checked_math.h"

namespace microgpt {

inline constexpr std::size_t kCacheLineBytes = 64;

// Where a buffer begins within a page. Arrays that one loop reads and writes
// side by side get places of their own: a load whose address agrees with that
// of an earlier store in the lower 12 bits waits for it.
enum class PageSlot : std::size_t {
  kAny,
  kFirst,
  kSecond,
  kThird,
  kFourth,
  kFifth
};
inline constexpr std::size_t kPageBytes = 4096;
inline constexpr std::size_t kPageSlotBytes = 12 * kCacheLineBytes;

// Owns `size` zeroed elements. Movable; moving leaves the source empty.
template <typename T>
class AlignedBuffer {
  static_assert(std::is_trivial_v<T>);

 public:
  AlignedBuffer() = default;

  // Throws Error(kResources) if the memory is not to be had.
  explicit AlignedBuffer(std::size_t size, PageSlot slot = PageSlot::kAny)
      : size_(size) {
    const bool any = slot == PageSlot::kAny;
    const std::align_val_t alignment{any ? kCacheLineBytes : kPageBytes};
    const std::size_t offset =
        any ? 0 : (static_cast<std::size_t>(slot) - 1) * kPageSlotBytes;
    const std::size_t bytes = (CheckedSize(size) * sizeof(T) + offset).value();
    void* memory = ::operator new(bytes, alignment, std::nothrow);
    if (memory == nullptr) {
      throw Error(ErrorKind::kResources,
                  "out of memory: cannot allocate " + std::to_string(bytes) +
                      " bytes; use a smaller model, batch or --threads");
    }
    std::memset(memory, 0, bytes);
    memory_ = Memory(memory, Free{alignment});
    data_ = reinterpret_cast<T*>(static_cast<std::byte*>(memory) + offset);
  }

  AlignedBuffer(AlignedBuffer&& other) noexcept
      : memory_(std::move(other.memory_)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    memory_ = std::move(other.memory_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    std::align_val_t alignment{kCacheLineBytes};
    void operator()(void* memory) const {
      ::operator delete(memory, alignment);
    }
  };
  using Memory = std::unique_ptr<void, Free>;

  Memory memory_;
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace microgpt

#endif  // MICROGPT_BASE_ALIGNED_BUFFER_H_
