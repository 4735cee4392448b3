// The main function of all benchmarks. Takes --simd=TARGET beside Google
// Benchmark's own flags.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include "benchmarks/report.h"
#include "microgpt/error.h"
#include "microgpt/machine.h"
#include "microgpt/system.h"

namespace microgpt {
namespace {

// Removes --simd=TARGET from the arguments and obeys it.
void TakeSimdTarget(int& argc, char** argv) {
  constexpr std::string_view kFlag = "--simd=";
  char** const end = std::remove_if(argv + 1, argv + argc, [&](char* arg) {
    const std::string_view text = arg;
    if (!text.starts_with(kFlag)) return false;
    SetSimdTarget(text.substr(kFlag.size()));
    return true;
  });
  argc = static_cast<int>(end - argv);
}

}  // namespace
}  // namespace microgpt

int main(int argc, char** argv) {
  try {
    microgpt::TakeSimdTarget(argc, argv);
  } catch (const microgpt::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  const microgpt::BuildInfo build = microgpt::GetBuildInfo();
  benchmark::AddCustomContext("cpu", microgpt::GetMachineInfo().cpu);
  benchmark::AddCustomContext("compiler", build.compiler);
  benchmark::AddCustomContext("microgpt", build.version);
  benchmark::AddCustomContext("commit", build.commit);
  benchmark::AddCustomContext("simd", build.simd);
  benchmark::AddCustomContext("peak_gflops",
                              fmt::format("{:.1f}", microgpt::PeakGflops()));
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
