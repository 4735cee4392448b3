#include "train/step_profile.h"

namespace microgpt {

void StepProfile::Start() {
  for (Lane& lane : lanes_) lane.seconds.fill(0);
  enabled_ = true;
}

std::vector<PhaseSeconds> StepProfile::Stop() {
  enabled_ = false;
  std::vector<PhaseSeconds> result;
  result.reserve(lanes_.size());
  for (const Lane& lane : lanes_) {
    const auto of = [&](Phase phase) {
      return lane.seconds[static_cast<std::size_t>(phase)];
    };
    result.push_back({of(Phase::kForward), of(Phase::kLoss),
                      of(Phase::kBackward), of(Phase::kReduce),
                      of(Phase::kOptimizer)});
  }
  return result;
}

// loop(body) runs the loop with another body.
template <class Loop>
void ProfiledExecutor::Profile(LoopBody body, Loop loop) {
  if (!profile_.enabled()) {
    loop(body);
    return;
  }
  using Clock = StepProfile::Clock;
  StepProfile::Lane& first = profile_.lanes_.front();
  const Phase phase = first.phase;
  Clock::duration own{};  // of worker 0
  const Clock::time_point begin = Clock::now();
  loop([&](int worker, std::size_t index) {
    const Clock::time_point body_begin = Clock::now();
    body(worker, index);
    const Clock::duration time = Clock::now() - body_begin;
    if (worker == 0) {
      own += time;
    } else {
      StepProfile::Lane& lane =
          profile_.lanes_[static_cast<std::size_t>(worker)];
      lane.phase = phase;
      lane.Add(time);
    }
  });
  first.Add(own - (Clock::now() - begin));
}

void ProfiledExecutor::ForEach(std::size_t count, LoopBody body) {
  Profile(body, [&](LoopBody timed) { inner_.ForEach(count, timed); });
}

void ProfiledExecutor::ForEachWithAffinity(std::size_t count, LoopBody body) {
  Profile(body,
          [&](LoopBody timed) { inner_.ForEachWithAffinity(count, timed); });
}

}  // namespace microgpt
