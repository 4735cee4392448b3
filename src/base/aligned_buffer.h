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

// Owns `size` zeroed elements. Movable; moving leaves the source empty.
template <typename T>
class AlignedBuffer {
  static_assert(std::is_trivial_v<T>);

 public:
  AlignedBuffer() = default;

  // Throws Error(kResources) if the memory is not to be had.
  explicit AlignedBuffer(std::size_t size) : size_(size) {
    const std::size_t bytes = (CheckedSize(size) * sizeof(T)).value();
    void* memory =
        ::operator new (bytes, std::align_val_t{kCacheLineBytes}, std::nothrow);
    if (memory == nullptr) {
      throw Error(ErrorKind::kResources,
                  "out of memory: cannot allocate " + std::to_string(bytes) +
                      " bytes; use a smaller model, batch or --threads");
    }
    std::memset(memory, 0, bytes);
    data_.reset(static_cast<T*>(memory));
  }

  AlignedBuffer(AlignedBuffer&& other) noexcept
      : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(T* memory) const {
      ::operator delete (memory, std::align_val_t{kCacheLineBytes});
    }
  };

  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace microgpt

#endif  // MICROGPT_BASE_ALIGNED_BUFFER_H_
