// SPDX-License-Identifier: Apache-2.0
#include "apdu/pcsc/reader_lamp.h"

#include <gtest/gtest.h>

#include <string>

#include "apdu/pcsc/card.h"
#include "tests/pcsc/eventually.h"
#include "tests/pcsc/rig_fixture.h"
#include "tests/pcsc/test_card.h"

namespace passgate::apdu::pcsc {
namespace {

using Lines = std::vector<std::string>;

class PcscReaderLamp : public test::WithReaders {};

TEST_F(PcscReaderLamp, LightsAndBeepsWithoutACardInTheField) {
  start_readers(2);
  const auto context = *Context::establish();
  ReaderLamp lamp(context, reader(1), nullptr);
  EXPECT_TRUE(lamp.send(Signal::admit));
  EXPECT_EQ(lamp_lines(1), (Lines{"e00000290102", "e0000028010a"}));
  EXPECT_TRUE(lamp.send(Signal::idle));
  EXPECT_EQ(lamp_lines(1).back(), "e00000290100");
  EXPECT_TRUE(lamp_lines(0).empty());
}

TEST_F(PcscReaderLamp, ShowsARefusalOtherwiseThanAnAdmission) {
  start_readers(1);
  const auto context = *Context::establish();
  ReaderLamp lamp(context, reader(0), nullptr);
  lamp.show(Signal::deny);
  EXPECT_EQ(lamp_lines(0), (Lines{"e00000290101", "e00000280132"}));
}

TEST_F(PcscReaderLamp, GoesThroughTheCardsConnectionWhileThatIsOpen) {
  start_readers(1);
  const auto context = *Context::establish();
  const test::TestCard phone(rig_->card(0));
  std::optional<Card> card;
  ASSERT_TRUE(test::eventually([&] {
    if (auto made = Card::connect(context, reader(0))) card.emplace(std::move(*made));
    return card.has_value();
  }));
  ReaderLamp lamp(context, reader(0), nullptr);
  EXPECT_FALSE(lamp.send(Signal::attention)) << "the card is connected for us alone";
  lamp.use(&*card);
  EXPECT_TRUE(lamp.send(Signal::attention));
  card->release();
  EXPECT_TRUE(lamp.send(Signal::idle));
  EXPECT_EQ(lamp_lines(0).front(), "e00000290103");
}

TEST_F(PcscReaderLamp, ReportsItsFirstFailureOnly) {
  start_readers(1);
  const auto context = *Context::establish();
  unsigned failures = 0;
  ReaderLamp lamp(context, reader(0), [&](const Error& why) {
    ++failures;
    EXPECT_EQ(why.code(), Errc::pcsc_unavailable);
  });
  rig_->kill();
  lamp.show(Signal::admit);
  lamp.show(Signal::deny);
  EXPECT_EQ(failures, 1U);
}

TEST(LampProfile, IsFoundByTheReadersName) {
  EXPECT_NE(lamp_profile("ACS ACR1252 1S CL Reader [ACR1252 Dual Reader PICC] 00 00"), nullptr);
  EXPECT_NE(lamp_profile("ACS ACM1252U-Y3 PICC 00 00"), nullptr);
  EXPECT_NE(lamp_profile("ACS ACR1552 1S CL Reader 00 00"), nullptr);
  EXPECT_EQ(lamp_profile("HID Global OMNIKEY 5022 Smart Card Reader 00 00"), nullptr);
  EXPECT_EQ(lamp_profile(""), nullptr);
  const auto* acr122 = lamp_profile("ACS ACR122U PICC Interface 00 00");
  ASSERT_NE(acr122, nullptr);
  EXPECT_EQ(to_hex(commands_for(*acr122, Signal::admit).front().view()), "ff00400e0401000101");
  // No lamp shows a fault of ours as it shows a refusal, or a thing to do on the phone.
  for (const char* name : {"ACS ACR122U", "ACS ACR1252", "ACS ACR1552"}) {
    const auto* lamp = lamp_profile(name);
    ASSERT_NE(lamp, nullptr) << name;
    const auto shown = [&](Signal signal) {
      std::string all;
      for (const LampCommand& command : commands_for(*lamp, signal)) all += to_hex(command.view());
      return all;
    };
    EXPECT_NE(shown(Signal::fault), shown(Signal::deny)) << name;
    EXPECT_NE(shown(Signal::fault), shown(Signal::attention)) << name;
    EXPECT_NE(shown(Signal::fault), shown(Signal::admit)) << name;
    EXPECT_FALSE(shown(Signal::idle).empty()) << name;
  }
}

TEST_F(PcscReaderLamp, StaysDarkWithoutAnErrorOnAReaderItDoesNotKnow) {
  auto rig = sim::VirtualReaderRig::start({.readers = 1, .name = "Unheard-of Reader"});
  ASSERT_TRUE(rig);
  rig_ = std::move(*rig);
  const auto context = *Context::establish();
  ReaderLamp lamp(context, reader(0), nullptr);
  EXPECT_TRUE(lamp.send(Signal::admit));
  EXPECT_TRUE(lamp_lines(0).empty());
}

}  // namespace
}  // namespace passgate::apdu::pcsc
