// SPDX-License-Identifier: Apache-2.0
// The tap flow over a real journal, to be watched by strace: a few admissions
// with the `synchronous` level given. trace_subject FOLDER LEVEL
#include <cstdlib>

#include "tests/rig/flow_rig.h"

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  using namespace passgate;
  test::FlowRig rig(argv[1], {.synchronous = std::atoi(argv[2])});
  for (const char* pass : {"a1", "b2", "c3"}) {
    const auto report = rig.tap(*rig.phone(pass));
    if (report.decision != gate::Decision::admit) return 1;
  }
  return 0;
}
