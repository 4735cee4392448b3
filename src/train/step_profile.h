// Where the time of steps goes, phase by phase and thread by thread.
#ifndef MICROGPT_TRAIN_STEP_PROFILE_H_
#define MICROGPT_TRAIN_STEP_PROFILE_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <vector>

#include "base/executor.h"
#include "microgpt/trainer.h"

namespace microgpt {

enum class Phase { kForward, kLoss, kBackward, kReduce, kOptimizer };
inline constexpr std::size_t kNumPhases = 5;

// Seconds per phase and worker. Every worker writes its own lane: calls with
// different workers may run concurrently. Costs a branch per call while off.
class StepProfile {
 public:
  using Clock = std::chrono::steady_clock;

  explicit StepProfile(int workers)
      : lanes_(static_cast<std::size_t>(workers)) {}

  bool enabled() const { return enabled_; }
  void Start();
  std::vector<PhaseSeconds> Stop();

  // work(), which is part of `phase` on this worker. Not to be nested.
  template <class Work>
  void Time(int worker, Phase phase, Work work) {
    if (!enabled_) {
      work();
      return;
    }
    Lane& lane = lanes_[static_cast<std::size_t>(worker)];
    lane.phase = phase;
    const Clock::time_point begin = Clock::now();
    work();
    lane.Add(Clock::now() - begin);
  }

 private:
  friend class ProfiledExecutor;

  struct alignas(64) Lane {
    void Add(Clock::duration time) {
      seconds[static_cast<std::size_t>(phase)] +=
          std::chrono::duration<double>(time).count();
    }

    std::array<double, kNumPhases> seconds{};
    Phase phase = Phase::kForward;  // that the worker is in, or was
  };

  std::vector<Lane> lanes_;
  bool enabled_ = false;
};

// The lane of one worker.
class PhaseTimer {
 public:
  PhaseTimer() = default;
  PhaseTimer(StepProfile& profile, int worker)
      : profile_(&profile), worker_(worker) {}

  template <class Work>
  void Time(Phase phase, Work work) const {
    if (profile_ == nullptr) {
      work();
    } else {
      profile_->Time(worker_, phase, work);
    }
  }

 private:
  StepProfile* profile_ = nullptr;
  int worker_ = 0;
};

// Another executor, for loops that worker 0 begins within a phase: what the
// others do in them is counted for them, and what worker 0 only waits for is
// taken off its own time.
class ProfiledExecutor : public Executor {
 public:
  // Both must outlive the executor.
  ProfiledExecutor(Executor& inner, StepProfile& profile)
      : Executor(inner.num_workers()), inner_(inner), profile_(profile) {}

  void ForEach(std::size_t count, LoopBody body) override;
  void ForEachWithAffinity(std::size_t count, LoopBody body) override;

 private:
  template <class Loop>
  void Profile(LoopBody body, Loop loop);

  Executor& inner_;
  StepProfile& profile_;
};

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_STEP_PROFILE_H_
