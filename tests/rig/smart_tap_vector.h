// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "core/bytes.h"

namespace passgate::test {

/// One session of tests/fixtures/vectors/smart-tap.json.
struct SmartTapVector {
  nlohmann::json vector;

  std::string text(const char* key) const { return vector.at(key).get<std::string>(); }
  Bytes bytes(const char* key) const { return from_hex(text(key)).value(); }
  friend std::ostream& operator<<(std::ostream& out, const SmartTapVector& one) {
    return out << one.text("id");
  }
};

/// All of them. @tparam Session  Made from a SmartTapVector.
template <class Session>
std::vector<Session> smart_tap_vectors() {
  static const auto file =
      nlohmann::json::parse(std::ifstream(PASSGATE_FIXTURES "/vectors/smart-tap.json"));
  std::vector<Session> all;
  for (const auto& vector : file.at("vectors")) all.push_back(Session{{vector}});
  return all;
}

}  // namespace passgate::test
