#include "base/version.h"
#include "commit.h"
#include "microgpt/machine.h"
#include "microgpt/system.h"

namespace microgpt {

BuildInfo GetBuildInfo() {
  return {Version(),      MICROGPT_COMMIT, CompilerName(),
          MICROGPT_FLAGS, SimdTarget(),    DefaultExecutorName()};
}

}  // namespace microgpt
