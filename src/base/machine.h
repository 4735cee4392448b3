// GetMachineInfo for tests.
#ifndef MICROGPT_BASE_MACHINE_H_
#define MICROGPT_BASE_MACHINE_H_

#include <string>

#include "microgpt/machine.h"

namespace microgpt {

// `root` is put before every path read ("" for the real system).
MachineInfo ReadMachineInfo(const std::string& root);

}  // namespace microgpt

#endif  // MICROGPT_BASE_MACHINE_H_
