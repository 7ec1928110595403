// SPDX-License-Identifier: Apache-2.0
// Two readers of one terminal, one pass, the same moment.
#include <gtest/gtest.h>

#include <algorithm>
#include <barrier>
#include <thread>

#include "tests/rig/flow_rig.h"
#include "tests/rig/temp_folder.h"

namespace passgate {
namespace {

constexpr int kPasses = 1000;

TEST(Race, TwoReadersAdmitOnePassExactlyOnceAThousandTimes) {
  const test::TempFolder folder;
  test::FlowRig rig(folder.path(), {});
  std::barrier together(2);
  const auto reader = [&](const std::string& name) {
    const auto flow = rig.flow(name);
    test::RecordingLamp lamp;
    for (int i = 0; i < kPasses; ++i) {
      const auto phone = rig.phone("pass" + std::to_string(i));
      sim::PhoneChannel channel(*phone);
      together.arrive_and_wait();
      flow->visit(channel, lamp);
    }
  };
  {
    const std::jthread north(reader, "north");
    const std::jthread south(reader, "south");
  }
  std::map<std::string, int> admitted;
  std::map<std::string, int> refused;
  rig.reports.with([&](const auto& all) {
    for (const auto& report : all) {
      if (report.decision == gate::Decision::admit) ++admitted[report.pass_id];
      if (report.reason == gate::Reason::already_redeemed) ++refused[report.pass_id];
    }
  });
  ASSERT_EQ(admitted.size(), std::size_t{kPasses});
  for (const auto& [pass, times] : admitted) EXPECT_EQ(times, 1) << pass;
  for (const auto& [pass, times] : refused) EXPECT_EQ(times, 1) << pass;
  EXPECT_EQ(refused.size(), std::size_t{kPasses});
}

TEST(Race, APassHeldInBothWalletsIsAdmittedOnce) {
  constexpr int kHeldTwice = 200;
  const test::TempFolder folder;
  test::FlowRig rig(folder.path(), {});
  std::barrier together(2);
  const auto reader = [&](const std::string& name, bool android) {
    const auto flow = rig.flow(name);
    test::RecordingLamp lamp;
    for (int i = 0; i < kHeldTwice; ++i) {
      const std::string pass = "pass" + std::to_string(i);
      std::unique_ptr<sim::Phone> phone;
      if (android) {
        phone = rig.android(pass);
      } else {
        phone = rig.phone(pass);
      }
      sim::PhoneChannel channel(*phone);
      together.arrive_and_wait();
      flow->visit(channel, lamp);
    }
  };
  {
    const std::jthread north(reader, "north", true);
    const std::jthread south(reader, "south", false);
  }
  std::map<std::string, int> admitted;
  int refused = 0;
  rig.reports.with([&](const auto& all) {
    for (const auto& report : all) {
      if (report.decision == gate::Decision::admit) ++admitted[report.pass_id];
      if (report.reason == gate::Reason::already_redeemed) ++refused;
    }
  });
  EXPECT_EQ(admitted.size(), std::size_t{kHeldTwice});
  EXPECT_EQ(refused, kHeldTwice);
}

/// Readers share the collector's key: each signs while the other does.
TEST(Race, TwoReadersSignForAndroidPhonesAtOnce) {
  constexpr int kPhones = 200;
  const test::TempFolder folder;
  test::FlowRig rig(folder.path(), {});
  const auto reader = [&](const std::string& name) {
    const auto flow = rig.flow(name);
    test::RecordingLamp lamp;
    for (int i = 0; i < kPhones; ++i) {
      const auto phone = rig.android(name + std::to_string(i));
      sim::PhoneChannel channel(*phone);
      flow->visit(channel, lamp);
    }
  };
  {
    const std::jthread north(reader, "north");
    const std::jthread south(reader, "south");
  }
  const auto admitted = rig.reports.with([](const auto& all) {
    return std::ranges::count(all, gate::Decision::admit, &daemon::TapReport::decision);
  });
  EXPECT_EQ(admitted, 2 * kPhones);
}

}  // namespace
}  // namespace passgate
