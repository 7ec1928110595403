// SPDX-License-Identifier: Apache-2.0
#include "tests/crypto/key_files.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace passgate::crypto {

Bytes read_key_file(const std::string& name) {
  std::ifstream file(PASSGATE_FIXTURES "/keys/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace passgate::crypto
