// SPDX-License-Identifier: Apache-2.0
#include "gate/tap_record.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>

#include "tests/gate/sample_taps.h"
#include "tests/rig/property.h"

namespace passgate::gate {
namespace {

using nlohmann::json;

TEST(TapRecord, TravelsUnderTheNamesOfTheEventFormat) {
  TapRecord record = tap(1, "838b8cf60dac2bfad9", 1);
  record.position = 4711;
  record.at = evening();
  const json expected = json::parse(R"({
    "position":4711,"tap_id":")" + record.tap_id.text() +
                                    R"(",
    "time":"2026-11-20T19:04:11.482Z","boot_id":"6f1c0d4e-0000-4000-8000-000000000001",
    "monotonic_ns":1000000,"clock":"synchronised","terminal":"gate-a1","reader":"north-1",
    "zone":"north","direction":"entry","wallet":"apple","pass":"season-ticket",
    "pass_template":"ptk_0x14","pass_id":"838b8cf60dac2bfad9","provider":"main",
    "decision":"admit","reason":"ok","use":1,"effected":false})");
  EXPECT_EQ(to_json(record), expected);
}

TEST(TapRecord, LeavesOutTheUseWhenNoneWasConsumed) {
  const TapRecord record = tap(1, "p", std::nullopt);
  EXPECT_FALSE(to_json(record).contains("use"));
  EXPECT_EQ(tap_record_from(to_json(record)), record);
}

TEST(TapRecord, CarriesAGoogleObjectsIdWhenThereIsOne) {
  TapRecord record = tap(1, "p", 1);
  EXPECT_FALSE(to_json(record).contains("object_id"));
  record.object_id = "21c94a5101e25eaa";
  EXPECT_EQ(to_json(record)["object_id"], "21c94a5101e25eaa");
  EXPECT_EQ(tap_record_from(to_json(record)), record);
  json wrong = to_json(record);
  wrong["object_id"] = 7;
  EXPECT_FALSE(tap_record_from(wrong));
}

TEST(TapRecord, ReadsBackWhateverItWrites) {
  check_property("read back is what was written", [] {
    const auto n = *rc::gen::inRange<std::uint64_t>(0, 1U << 31U);
    TapRecord record = tap(n, *rc::gen::string<std::string>(), std::nullopt);
    record.position = *rc::gen::arbitrary<std::uint64_t>();
    record.monotonic_ns = *rc::gen::arbitrary<std::int64_t>();
    record.clock = static_cast<ClockState>(*rc::gen::inRange(0, 3));
    record.direction = static_cast<Direction>(*rc::gen::inRange(0, 2));
    record.wallet = static_cast<Wallet>(*rc::gen::inRange(0, 2));
    record.decision = static_cast<Decision>(*rc::gen::inRange(0, 3));
    record.reason = static_cast<Reason>(*rc::gen::inRange(0, 30));
    record.effected = *rc::gen::arbitrary<bool>();
    if (*rc::gen::arbitrary<bool>()) record.use_no = *rc::gen::inRange(1U, 0xFFFFFFFFU);
    const auto back = tap_record_from(to_json(record));
    RC_ASSERT(back && *back == record);
  });
}

TEST(TapRecord, RefusesAMissingMember) {
  const json whole = to_json(tap(1, "p", 1));
  for (const auto& [member, value] : whole.items()) {
    if (member == "use") continue;
    json part = whole;
    part.erase(member);
    EXPECT_EQ(tap_record_from(part), fail(Errc::bad_value)) << member;
  }
}

TEST(TapRecord, RefusesAMemberOfAnotherType) {
  const json whole = to_json(tap(1, "p", 1));
  for (const auto& [member, value] : whole.items()) {
    for (const json& other : {json(nullptr), json(1.5), json::array(), json::object()}) {
      json wrong = whole;
      wrong[member] = other;
      EXPECT_EQ(tap_record_from(wrong), fail(Errc::bad_value)) << member << ' ' << other;
    }
  }
}

TEST(TapRecord, RefusesAValueOutsideItsList) {
  const json whole = to_json(tap(1, "p", 1));
  const json wrong_values = json::parse(R"({"position":-1,"tap_id":"x","time":"yesterday",
    "clock":"fast","direction":"in","wallet":"samsung","decision":"maybe","reason":"internal",
    "monotonic_ns":9223372036854775808})");
  for (const auto& [member, value] : wrong_values.items()) {
    json wrong = whole;
    wrong[member] = value;
    EXPECT_EQ(tap_record_from(wrong), fail(Errc::bad_value)) << member;
  }
  for (const json& use : {json(0), json(-1), json(4294967296), json("1")}) {
    json wrong = whole;
    wrong["use"] = use;
    EXPECT_EQ(tap_record_from(wrong), fail(Errc::bad_value)) << use;
  }
}

TEST(TapRecord, RefusesWhatIsNoObject) {
  for (const json& other : {json(), json(1), json("tap"), json::array({1})}) {
    EXPECT_EQ(tap_record_from(other), fail(Errc::bad_value)) << other;
  }
}

TEST(TapRecord, ToleratesMembersOfALaterVersion) {
  json later = to_json(tap(1, "p", 1));
  later["gate_colour"] = "green";
  EXPECT_EQ(tap_record_from(later), tap(1, "p", 1));
}

}  // namespace
}  // namespace passgate::gate
