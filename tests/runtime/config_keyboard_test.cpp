// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "runtime/listen_rule.h"
#include "tests/runtime/config_text.h"

namespace passgate::runtime {
namespace {

using test::loaded;
using test::problems_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string keyboard(std::string_view keys) {
  return "[terminal]\nid = \"till\"\n[keyboard]\n" + std::string(keys);
}

std::string device(std::string_view device) {
  return keyboard("device = \"" + std::string(device) + "\"\n");
}

TEST(ConfigKeyboard, TakesEveryWayToTheTill) {
  for (const auto* name :
       {"uinput", "none", "hidg:/dev/hidg0", "serial:/dev/ttyUSB0", "tcp:till-3.example:4711",
        "tcp:192.0.2.7:1", "tcp:[2001:db8::3]:65535", "text:/tmp/typed"}) {
    EXPECT_EQ(loaded(device(name)).keyboard.device, name);
  }
}

TEST(ConfigKeyboard, ReadsPathsRelativeToTheFileThatNamesThem) {
  for (const std::string kind : {"hidg:", "serial:", "text:"}) {
    const test::TempFolder dir;
    const auto config = load_config(dir.write("p.toml", device(kind + "some/node")));
    ASSERT_TRUE(config);
    EXPECT_EQ(config->keyboard.device, kind + (dir / "some/node").string());
  }
}

TEST(ConfigKeyboard, RefusesWhatIsNoDeviceAndSaysWhatIs) {
  for (const auto* name : {"", "Uinput", "uinput:", "text:", "hidg:", "serial", "usb:/dev/hidg0"}) {
    EXPECT_THAT(problems_of(device(name)),
                ElementsAre(HasSubstr("(one of: uinput, hidg:/dev/hidg0, serial:PATH")))
        << name;
  }
}

TEST(ConfigKeyboard, WantsAHostAndAPortForTcp) {
  for (const auto* name : {"tcp:till", "tcp:till:", "tcp::4711", "tcp:till:0", "tcp:till:65536",
                           "tcp:till:http", "tcp:2001:db8::3:4711", "tcp:a b:1", "tcp:[till]:x"}) {
    EXPECT_THAT(problems_of(device(name)),
                ElementsAre(HasSubstr("p.toml:4: keyboard.device names no host and port")))
        << name;
  }
}

TEST(ConfigKeyboard, SplitsHostAndPort) {
  const auto place = tcp_place("[2001:DB8::3]:4711");
  ASSERT_TRUE(place);
  EXPECT_EQ(place->host, "2001:db8::3");
  EXPECT_EQ(place->port, 4711);
}

TEST(ConfigKeyboard, SpeaksToASerialLineAsMostScannersDo) {
  const auto config = loaded(device("serial:/dev/ttyS0")).keyboard;
  EXPECT_EQ(config.baud, 9600U);
  EXPECT_EQ(config.newline, "\r");
}

TEST(ConfigKeyboard, TakesTheSpeedAndTheEnterOfTheLine) {
  const auto config =
      loaded(device("serial:/dev/ttyS0") + "baud = 115200\nnewline = \"crlf\"\n").keyboard;
  EXPECT_EQ(config.baud, 115200U);
  EXPECT_EQ(config.newline, "\r\n");
  EXPECT_EQ(loaded(device("tcp:till:1") + "newline = \"lf\"\n").keyboard.newline, "\n");
  EXPECT_THAT(problems_of(device("serial:/dev/ttyS0") + "baud = 0\n"),
              ElementsAre(HasSubstr("baud must lie between 300 and 4000000")));
  EXPECT_THAT(problems_of(device("serial:/dev/ttyS0") + "newline = \"\\r\"\n"),
              ElementsAre(HasSubstr("(one of: cr, lf, crlf)")));
}

TEST(ConfigKeyboard, RefusesKeysThatTheDeviceWouldNeverLookAt) {
  EXPECT_THAT(problems_of(keyboard("baud = 9600\n")),
              ElementsAre(HasSubstr("p.toml:4: baud means nothing to this device (only with")));
  EXPECT_THAT(problems_of(device("tcp:till:1") + "baud = 9600\n"),
              ElementsAre(HasSubstr("baud means nothing")));
  EXPECT_THAT(problems_of(device("hidg:/dev/hidg0") + "newline = \"cr\"\n"),
              ElementsAre(HasSubstr("newline means nothing")));
}

TEST(ConfigKeyboard, TakesAPauseBetweenNoneAndASecond) {
  EXPECT_EQ(loaded(keyboard("key_delay_ms = 2.5\n")).keyboard.key_delay,
            std::chrono::microseconds(2500));
  EXPECT_THAT(problems_of(keyboard("key_delay_ms = nan\n")),
              ElementsAre(HasSubstr("must lie between 0 and 1000")));
  EXPECT_THAT(problems_of(keyboard("layout = \"\"\n")), ElementsAre(HasSubstr("layout is empty")));
}

}  // namespace
}  // namespace passgate::runtime
