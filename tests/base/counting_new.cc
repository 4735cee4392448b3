#include "tests/base/counting_new.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace microgpt {
namespace {

std::atomic<std::size_t> calls{0};
std::atomic<std::size_t> live{0};
std::atomic<std::size_t> peak{0};

void* Count(void* memory) {
  if (memory == nullptr) return nullptr;
  ++calls;
  const std::size_t now = live += malloc_usable_size(memory);
  std::size_t old = peak;
  while (now > old && !peak.compare_exchange_weak(old, now)) {
  }
  return memory;
}

void* Allocate(std::size_t size) {
  return Count(std::malloc(size > 0 ? size : 1));
}

void* Allocate(std::size_t size, std::align_val_t alignment) {
  void* memory = nullptr;
  const auto bytes = static_cast<std::size_t>(alignment);
  if (posix_memalign(&memory, bytes, size > 0 ? size : 1) != 0) return nullptr;
  return Count(memory);
}

void* OrThrow(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void Free(void* memory) {
  if (memory == nullptr) return;
  live -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

std::size_t NewCalls() { return calls; }
std::size_t LiveBytes() { return live; }
std::size_t PeakBytes() { return peak; }
void ResetPeak() { peak = live.load(); }

}  // namespace microgpt

using microgpt::Allocate;
using microgpt::Free;
using microgpt::OrThrow;

void* operator new(std::size_t size) { return OrThrow(Allocate(size)); }
void* operator new[](std::size_t size) { return OrThrow(Allocate(size)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return Allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return Allocate(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return OrThrow(Allocate(size, alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return OrThrow(Allocate(size, alignment));
}
void* operator new(std::size_t size, std::align_val_t alignment,
                   const std::nothrow_t&) noexcept {
  return Allocate(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment,
                     const std::nothrow_t&) noexcept {
  return Allocate(size, alignment);
}
void operator delete(void* memory) noexcept { Free(memory); }
void operator delete[](void* memory) noexcept { Free(memory); }
void operator delete(void* memory, std::size_t) noexcept { Free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { Free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { Free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept {
  Free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  Free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  Free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  Free(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  Free(memory);
}
void operator delete(void* memory, std::align_val_t,
                     const std::nothrow_t&) noexcept {
  Free(memory);
}
void operator delete[](void* memory, std::align_val_t,
                       const std::nothrow_t&) noexcept {
  Free(memory);
}
