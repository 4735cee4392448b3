// The main function of all benchmarks. Takes --simd=TARGET beside Google
// Benchmark's own flags.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

#include "benchmarks/calibration.h"
#include "microgpt/error.h"
#include "microgpt/system.h"

namespace microgpt {
namespace {

std::string CpuName() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

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
  benchmark::AddCustomContext("cpu", microgpt::CpuName());
  benchmark::AddCustomContext("compiler", microgpt::CompilerName());
  benchmark::AddCustomContext("microgpt", microgpt::Version());
  benchmark::AddCustomContext("simd", microgpt::SimdTarget());
  benchmark::AddCustomContext("peak_gflops",
                              fmt::format("{:.1f}", microgpt::PeakGflops()));
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
