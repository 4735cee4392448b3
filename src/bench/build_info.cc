#include "base/version.h"
#include "bench/commit.h"
#include "microgpt/machine.h"
#include "microgpt/system.h"

namespace microgpt {

BuildInfo GetBuildInfo() {
  std::string libraries = "Highway " + HighwayVersion();
  if (!TbbVersion().empty()) libraries += ", oneTBB " + TbbVersion();
#ifdef __OPTIMIZE__
  constexpr bool kOptimized = true;
#else
  constexpr bool kOptimized = false;
#endif
  return {Version(),    MICROGPT_COMMIT,       CompilerName(), MICROGPT_FLAGS,
          SimdTarget(), DefaultExecutorName(), libraries,      kOptimized};
}

}  // namespace microgpt
