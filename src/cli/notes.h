// What a run says about itself on stderr.
#ifndef MICROGPT_CLI_NOTES_H_
#define MICROGPT_CLI_NOTES_H_

#include "microgpt/checkpoint.h"
#include "microgpt/trainer.h"

namespace microgpt::cli {

// What a resumed run does differently from what was asked for at its start.
void NoteResume(const Trainer& trainer, const Checkpoint& checkpoint);

// That the run has stopped early, and why; if it is saved, how to go on.
void NoteEarlyStop(const Trainer& trainer, bool saved);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_NOTES_H_
