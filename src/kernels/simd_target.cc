// The public choice of SIMD target (microgpt/system.h).
#include <algorithm>
#include <cctype>

#include "hwy/highway.h"
#include "hwy/targets.h"
#include "microgpt/error.h"
#include "microgpt/system.h"

namespace microgpt {
namespace {

// Highway's names in lower case, but AVX-512 under the name users know.
std::string NameOf(std::int64_t target) {
  std::string name = hwy::TargetName(target);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  if (name == "avx3") return "avx512";
  if (name == "avx3_dl") return "avx512_dl";
  return name;
}

// What this build and this CPU support, best first.
const std::vector<std::int64_t>& CpuTargets() {
  static const std::vector<std::int64_t> targets =
      hwy::SupportedAndGeneratedTargets();
  return targets;
}

std::int64_t& ChosenTarget() {
  static std::int64_t target = CpuTargets().front();
  return target;
}

}  // namespace

std::vector<std::string> SimdTargets() {
  std::vector<std::string> names;
  for (const std::int64_t target : CpuTargets()) {
    names.push_back(NameOf(target));
  }
  return names;
}

std::string SimdTarget() { return NameOf(ChosenTarget()); }

std::string HighwayVersion() {
  return std::to_string(HWY_MAJOR) + "." + std::to_string(HWY_MINOR) + "." +
         std::to_string(HWY_PATCH);
}

void SetSimdTarget(std::string_view name) {
  for (const std::int64_t target : CpuTargets()) {
    if (NameOf(target) != name) continue;
    hwy::GetChosenTarget().Update(target);
    ChosenTarget() = target;
    return;
  }
  std::string known;
  for (const std::string& target : SimdTargets()) {
    known += (known.empty() ? "" : ", ") + target;
  }
  throw Error(ErrorKind::kUsage, "--simd: '" + std::string(name) +
                                     "' is not available here; use one of " +
                                     known);
}

}  // namespace microgpt
