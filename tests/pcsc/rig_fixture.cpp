// SPDX-License-Identifier: Apache-2.0
#include "tests/pcsc/rig_fixture.h"

#include <fstream>

namespace passgate::test {

apdu::CommandApdu select_vas() {
  return apdu::CommandApdu::case4(0x00, 0xA4, 0x04, 0x00, bytes_of("OSE.VAS.01"), 256);
}

void WithReaders::start_readers(unsigned count) {
  auto rig = sim::VirtualReaderRig::start({.readers = count});
  ASSERT_TRUE(rig) << name(rig.error().code()) << ' ' << rig.error().detail();
  rig_ = std::move(*rig);
  ASSERT_EQ(rig_->names().size(), count);
}

std::vector<std::string> WithReaders::lamp_lines(std::size_t i) const {
  std::vector<std::string> lines;
  std::ifstream file(rig_->lamp(i));
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace passgate::test
