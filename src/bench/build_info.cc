#include "base/version.h"
#include "bench/commit.h"
#include "microgpt/machine.h"
#include "microgpt/system.h"

namespace microgpt {

BuildInfo GetBuildInfo() {
  std::string libraries = "Highway " + HighwayVersion();
  if (!TbbVersion().empty()) libraries += ", oneTBB " + TbbVersion();
  return {Version(),    MICROGPT_COMMIT,       CompilerName(), MICROGPT_FLAGS,
          SimdTarget(), DefaultExecutorName(), libraries};
}

}  // namespace microgpt
