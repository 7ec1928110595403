// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "gate/tap_record.h"
#include "sync/http/http_client.h"
#include "tests/rig/temp_folder.h"

namespace passgate::sync::test {

using TempDir = ::passgate::test::TempFolder;

/// A clock that stands still until it is told to move.
class ManualClock final : public Clock {
 public:
  WallTime wall{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + std::chrono::hours{10}};
  MonoTime mono{std::chrono::hours{1}};

  WallTime now() const override { return wall; }
  MonoTime monotonic() const override { return mono; }
  ClockState state() const override { return ClockState::synchronised; }
  void advance(Milliseconds by) {
    wall += by;
    mono += by;
  }
};

/// Answers from a script and keeps what it was asked. A request beyond the
/// script fails the test.
class FakeHttp final : public HttpClient {
 public:
  std::deque<Result<HttpAnswer>> script;
  std::vector<HttpRequest> asked;

  Result<HttpAnswer> perform(const HttpRequest& request) override;
};

HttpAnswer answer(int status, std::string body = "",
                  std::vector<std::pair<std::string, std::string>> headers = {});
SecretBytes secret(std::string_view text);

/// The tap of the event format's example: admitted, first use, position 4711.
gate::TapRecord example_tap();
/// Another tap, with that position; its tap id follows from it.
gate::TapRecord tap_at(std::uint64_t position, std::string_view pass_id);

}  // namespace passgate::sync::test
