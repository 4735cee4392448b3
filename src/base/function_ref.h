// A callable passed down, never stored: no allocation, unlike std::function.
#ifndef MICROGPT_BASE_FUNCTION_REF_H_
#define MICROGPT_BASE_FUNCTION_REF_H_

#include <memory>
#include <type_traits>
#include <utility>

namespace microgpt {

template <typename Signature>
class FunctionRef;

// REQUIRES: the callable outlives the call it is passed to.
template <typename Result, typename... Args>
class FunctionRef<Result(Args...)> {
 public:
  template <typename F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef>)
      FunctionRef(F&& callable)  // NOLINT: implicit, as for std::function
      : object_(const_cast<void*>(
            static_cast<const void*>(std::addressof(callable)))),
        call_([](void* object, Args... args) -> Result {
          return (*static_cast<std::remove_reference_t<F>*>(object))(
              std::forward<Args>(args)...);
        }) {}

  Result operator()(Args... args) const {
    return call_(object_, std::forward<Args>(args)...);
  }

 private:
  void* object_;
  Result (*call_)(void*, Args...);
};

}  // namespace microgpt

#endif  // MICROGPT_BASE_FUNCTION_REF_H_
