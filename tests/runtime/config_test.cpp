// SPDX-License-Identifier: Apache-2.0
#include "runtime/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rig/temp_folder.h"

namespace passgate::runtime {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kSmall = R"([terminal]
id = "gate-a1"

[[reader]]
name = "north"

[[pass]]
name = "ticket"
pattern = '^(?P<pass_id>.+)$'
apple = { pass_type_id = "pass.com.example.ticket", keys = ["file:keys/a.pem"] }
)";

std::vector<std::string> texts(const std::vector<ConfigProblem>& problems) {
  std::vector<std::string> all;
  for (const auto& problem : problems) all.push_back(problem.text());
  return all;
}

/// The problems of a file, without the folder in front.
std::vector<std::string> problems_of(std::string_view text) {
  const test::TempFolder dir;
  const auto file = dir.write("p.toml", text);
  const auto config = load_config(file);
  if (config) return {};
  auto all = texts(config.error());
  const std::string folder = file.parent_path().string() + "/";
  for (auto& one : all) {
    for (auto at = one.find(folder); at != std::string::npos; at = one.find(folder)) {
      one.erase(at, folder.size());
    }
  }
  return all;
}

std::string with(std::string_view more) {
  return std::string(kSmall) + std::string(more);
}

TEST(Config, LoadsTheExampleThatIsShipped) {
  const auto config =
      load_config(std::filesystem::path(PASSGATE_SOURCE_DIR) / "docs" / "example.toml");
  ASSERT_TRUE(config) << texts(config.error()).front();
  EXPECT_EQ(config->terminal.id, "gate-a1");
  EXPECT_EQ(config->terminal.keep_days, std::chrono::days(400));
  ASSERT_EQ(config->readers.size(), 1U);
  EXPECT_EQ(config->readers[0].zone, "north");
  ASSERT_EQ(config->passes.size(), 1U);
  EXPECT_EQ(config->passes[0].type, "{pass_id}\n");
  EXPECT_EQ(config->passes[0].pass_template, "ptk_0x14");
  EXPECT_EQ(config->passes[0].apple->keys[0].path,
            std::filesystem::path(PASSGATE_SOURCE_DIR) / "docs/keys/ticket.pem");
  ASSERT_TRUE(config->passes[0].google);
  EXPECT_EQ(config->passes[0].google->collector_id, 20180608U);
  EXPECT_THAT(config->passes[0].google->services, ElementsAre("event_ticket"));
  EXPECT_EQ(config->passes[0].google->keys.at(0).key.path,
            std::filesystem::path(PASSGATE_SOURCE_DIR) / "docs/keys/collector.pem");
  ASSERT_TRUE(config->provider("main"));
  EXPECT_EQ(config->provider("main")->redeem.fields.at("redeemed-at"), "{time}");
  EXPECT_EQ(config->provider("main")->api_key->credential, "passninja-key");
  ASSERT_EQ(config->subscribers.size(), 1U);
  EXPECT_EQ(config->subscribers[0].bearer->text(), "credential:backend-token");
}

TEST(Config, GivesTheDocumentedDefaults) {
  const test::TempFolder dir;
  const auto config = load_config(dir.write("p.toml", kSmall));
  ASSERT_TRUE(config) << texts(config.error()).front();
  EXPECT_EQ(config->terminal.control_sock(), "/run/passgate/core/control.sock");
  EXPECT_EQ(config->readers[0].match, "*");
  EXPECT_EQ(config->readers[0].mode, ReaderMode::gate);
  EXPECT_EQ(config->readers[0].rearm, 3000ms);
  const PassConfig& pass = config->passes[0];
  EXPECT_EQ(pass.pass_template, "ticket");
  EXPECT_EQ(pass.uses, 1U);
  EXPECT_EQ(pass.on_unknown, OnDoubt::deny);
  EXPECT_EQ(pass.max_skew, 600s);
  EXPECT_EQ(config->keyboard.device, "uinput");
  EXPECT_FALSE(config->keyboard.key_delay);
}

TEST(Config, ReadsPathsRelativeToTheFileThatNamesThem) {
  const test::TempFolder dir;
  const auto file = dir.write("p.toml", with("[keyboard]\ndevice = \"text:typed.txt\"\n"));
  dir.write("conf.d/a.toml", "[terminal]\nstate_dir = \"state\"\nruntime_dir = \"../run\"\n");
  const auto config = load_config(file);
  ASSERT_TRUE(config) << texts(config.error()).front();
  EXPECT_EQ(config->keyboard.device, "text:" + (dir / "typed.txt").string());
  EXPECT_EQ(config->terminal.state_dir, dir / "conf.d/state");
  EXPECT_EQ(config->terminal.runtime_dir, dir / "run");
  EXPECT_EQ(config->passes[0].apple->keys[0].path, dir / "keys/a.pem");
}

TEST(Config, LaterFilesReplaceScalarsAndAppendTables) {
  const test::TempFolder dir;
  const auto file = dir.write("p.toml", kSmall);
  dir.write("conf.d/20-b.toml", "[terminal]\nid = \"gate-b\"\n");
  dir.write("conf.d/10-a.toml", "[terminal]\nid = \"gate-a\"\n[[reader]]\nname = \"south\"\n");
  dir.write("conf.d/30-c.toml.bak", "this is not read");
  dir.write("conf.d/.hidden.toml", "nor is this");
  const auto config = load_config(file);
  ASSERT_TRUE(config) << texts(config.error()).front();
  EXPECT_EQ(config->terminal.id, "gate-b");
  ASSERT_EQ(config->readers.size(), 2U);
  EXPECT_EQ(config->readers[0].name, "north");
  EXPECT_EQ(config->readers[1].name, "south");
  EXPECT_EQ(config->readers[1].origin.file, dir / "conf.d/10-a.toml");
  EXPECT_EQ(config->readers[1].origin.line, 3);
}

TEST(Config, RefusesADuplicateNameAcrossFilesNamingBothPlaces) {
  const test::TempFolder dir;
  const auto file = dir.write("p.toml", kSmall);
  const auto more = dir.write("conf.d/a.toml", "\n[[reader]]\nname = \"north\"\n");
  const auto config = load_config(file);
  ASSERT_FALSE(config);
  EXPECT_THAT(texts(config.error()),
              ElementsAre(AllOf(HasSubstr(more.string() + ":2: [[reader]] name \"north\""),
                                HasSubstr(file.string() + ":4"))));
}

TEST(Config, ReportsEveryProblemAndNotOnlyTheFirst) {
  EXPECT_THAT(problems_of(R"([terminal]
id = "gate a1"
keep_days = "many"
[[reader]]
rearm_ms = 600001
mode = "gates"
zones = "x"
)"),
              ElementsAre(HasSubstr("p.toml:2: terminal.id must be"),
                          "p.toml:3: keep_days must be an integer, this is a string",
                          "p.toml:5: rearm_ms must lie between 0 and 600000",
                          "p.toml:6: mode may not be \"gates\" (one of: gate, wedge)",
                          "p.toml:7: unknown key zones (did you mean zone?)"));
}

TEST(Config, SuggestsTheKeyThatWasMeant) {
  EXPECT_THAT(problems_of(with("on_unkown = \"deny\"\n")),
              ElementsAre("p.toml:11: unknown key on_unkown (did you mean on_unknown?)"));
  EXPECT_THAT(problems_of(with("[[readers]]\n")),
              ElementsAre("p.toml:11: unknown key readers (did you mean reader?)"));
  EXPECT_THAT(problems_of(with("\"\\u001B[2J\" = 1\n")),
              ElementsAre("p.toml:11: unknown key \"\\u001B[2J\""));
  EXPECT_THAT(problems_of(with("colour = 1\n")), ElementsAre("p.toml:11: unknown key colour"));
  EXPECT_THAT(
      problems_of(with("[[provider]]\nname=\"m\"\nkind=\"passninja\"\naccount_id=\"a\"\n"
                       "api_key=\"file:k\"\nbase_url=\"https://x\"\nredeem={mod=\"none\"}")),
      ElementsAre("p.toml:17: unknown key redeem.mod (did you mean mode?)"));
}

TEST(Config, ReportsWhereTheTomlIsWrong) {
  EXPECT_THAT(problems_of("[terminal]\nid = \"a\"\n]"),
              testing::Contains(HasSubstr("p.toml:3: not TOML: ")));
  EXPECT_THAT(problems_of("[terminal]\nid = \"a\"\nid = \"b\"\n"),
              testing::Contains(HasSubstr("p.toml:3: not TOML: ")));
}

TEST(Config, ReportsAFileThatIsMissingTooLargeOrAFolder) {
  const test::TempFolder dir;
  EXPECT_THAT(texts(load_config(dir / "none.toml").error()),
              testing::Contains(HasSubstr("none.toml: cannot read the file: there is no such")));
  const auto large = dir.write("large.toml", std::string(1024 * 1024 + 1, '#'));
  EXPECT_THAT(texts(load_config(large).error()), testing::Contains(HasSubstr("larger than 1 MiB")));
  dir.write("conf.d/folder.toml/x", "");
  const auto small = dir.write("p.toml", kSmall);
  EXPECT_THAT(texts(load_config(small).error()),
              ElementsAre(HasSubstr("folder.toml: cannot read the file: it is not a regular")));
}

TEST(Config, RefusesATableWhereAnotherFileHasAValue) {
  const test::TempFolder dir;
  const auto file = dir.write("p.toml", kSmall);
  dir.write("conf.d/a.toml", "pass = 7\n");
  EXPECT_THAT(texts(load_config(file).error()),
              ElementsAre(HasSubstr("a.toml:1: this is an integer, but an array at ")));
}

TEST(Config, RefusesOneTableWhereThereAreSeveral) {
  EXPECT_THAT(problems_of("terminal = 1\n[reader]\nname = \"x\"\n"),
              ElementsAre(HasSubstr("p.toml: terminal.id is missing"),
                          "p.toml:1: terminal must be a table ([terminal])",
                          "p.toml:2: reader must be an array of tables ([[reader]])"));
}

TEST(Config, RefusesARuntimeFolderThatLeavesNoRoomForASocketPath) {
  const std::string fits = "/" + std::string(88, 'r');  // + /core/control.sock = 107
  EXPECT_THAT(problems_of("[terminal]\nid=\"a\"\nruntime_dir=\"" + fits + "\"\n"), IsEmpty());
  EXPECT_THAT(problems_of("[terminal]\nid=\"a\"\nruntime_dir=\"" + fits + "r\"\n"),
              ElementsAre(HasSubstr("p.toml:3: runtime_dir is too long")));
}

struct Refusal {
  const char* what;
  const char* text;  ///< Appended to kSmall, whose last table is the [[pass]] on line 7.
  const char* says;
};

class ConfigRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(ConfigRefuses, WithPlaceAndHint) {
  EXPECT_THAT(problems_of(with(GetParam().text)), ElementsAre(HasSubstr(GetParam().says)));
}

std::string name_of(const testing::TestParamInfo<Refusal>& info) {
  return info.param.what;
}

INSTANTIATE_TEST_SUITE_P(FeaturesThisVersionLacks, ConfigRefuses,
                         testing::Values(Refusal{"ReaderSerial", "[[reader]]\nserial = \"1\"\n",
                                                 "p.toml:12: serial is refused"},
                                         Refusal{"ReaderUsb", "[[reader]]\nusb = \"1-1.2\"\n",
                                                 "p.toml:12: usb is refused"},
                                         Refusal{"Fleet", "[fleet]\nvenue = \"a\"\n",
                                                 "p.toml:11: fleet is refused"}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(
    ImpossiblePasses, ConfigRefuses,
    testing::Values(
        Refusal{"UsesAndReusable", "uses = 2\nreusable = true\n",
                "p.toml:11: uses and reusable = true exclude each other"},
        Refusal{"NoUses", "uses = 0\n", "p.toml:11: uses must lie between 1 and"},
        Refusal{"UnknownProvider", "provider = \"main\"\n", "no [[provider]] named \"main\""},
        Refusal{"DuplicateName",
                "[[pass]]\nname = \"ticket\"\npattern = 'x'\n"
                "apple = { pass_type_id = \"p\", keys = [\"file:k\"] }\n",
                "p.toml:11: [[pass]] name \"ticket\" is already taken at p.toml:7"},
        Refusal{"GateWithoutPattern",
                "[[pass]]\nname = \"b\"\napple = { pass_type_id = \"p\", keys = [\"file:k\"] }\n",
                "p.toml:11: [[pass]] \"b\" needs a pattern"},
        Refusal{"NoWallet", "[[pass]]\nname = \"b\"\npattern = 'x'\n",
                "p.toml:11: a [[pass]] without apple or google can never be read"},
        Refusal{"NoKeys",
                "[[pass]]\nname = \"b\"\npattern = 'x'\napple = { pass_type_id = \"p\" }\n",
                "p.toml:14: apple.keys needs at least one key"},
        Refusal{"RemoteKey",
                "[[pass]]\nname = \"b\"\npattern = 'x'\n"
                "apple = { pass_type_id = \"p\", keys = [\"file:k\", \"remote:cloud\"] }\n",
                "p.toml:14: apple.keys is refused (\"remote:NAME\" of a [[decrypt_service]] stands "
                "alone)"},
        Refusal{"LongSignupUrl",
                "[[pass]]\nname = \"b\"\npattern = 'x'\n"
                "apple = { pass_type_id = \"p\", keys = [\"file:k\"], signup_url = "
                "\"https://example.com/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" }\n",
                "apple.signup_url may have 64 bytes at most"},
        Refusal{"PlainSignupUrl",
                "[[pass]]\nname = \"b\"\npattern = 'x'\n"
                "apple = { pass_type_id = \"p\", keys = [\"file:k\"], signup_url = "
                "\"http://localhost/\" }\n",
                "apple.signup_url must be an https address"},
        Refusal{"ReaderOfUnknownPass", "[[reader]]\npasses = [\"ticket\", \"tikcet\"]\n",
                "p.toml:11: passes: there is no [[pass]] named \"tikcet\""},
        Refusal{"SlashInName", "[[reader]]\nname = \"a/b\"\n", "p.toml:11: [[reader]] name"},
        Refusal{"MixedPasses", "[[reader]]\npasses = [\"ticket\", 7]\n",
                "p.toml:12: passes must hold strings only, here is an integer"},
        Refusal{"Date", "display = 2026-11-20\n", "an array of strings, this is a date"}),
    name_of);

TEST(Config, AcceptsAPassWithoutPatternWhereOnlyWedgesAskForIt) {
  EXPECT_THAT(problems_of(R"([terminal]
id = "a"
[[reader]]
match = "till*"
mode = "wedge"
[[reader]]
passes = ["judged"]
[[pass]]
name = "judged"
pattern = '^(?P<pass_id>.+)$'
reusable = true
apple = { pass_type_id = "p", keys = ["file:k"] }
[[pass]]
name = "typed"
apple = { pass_type_id = "q", keys = ["credential:k"] }
)"),
              IsEmpty());
}

TEST(Config, AReusablePassHasNoNumberOfUses) {
  const test::TempFolder dir;
  const auto config = load_config(dir.write("p.toml", with("reusable = true\n")));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->passes[0].uses, std::nullopt);
}

TEST(Config, NeverRepeatsASecretThatWasWrittenIntoTheFile) {
  const auto said = problems_of(
      with("[[subscriber]]\nname = \"b\"\nurl = \"https://b\"\nsecrets = [\"whsec_aGVsbG8=\"]\n"));
  EXPECT_THAT(said, testing::Each(testing::Not(HasSubstr("aGVsbG8"))));
  EXPECT_THAT(said, testing::Contains(HasSubstr("p.toml:14: secrets is not a reference")));
}

TEST(Config, RefusesACredentialThatIsAPath) {
  for (const auto* name : {"../x", "a/b", "."}) {
    EXPECT_THAT(
        problems_of(with("[[subscriber]]\nname=\"b\"\nurl=\"https://b\"\nsecrets = [\"file:s\"]"
                         "\nbearer = \"credential:" +
                         std::string(name) + "\"\n")),
        ElementsAre(HasSubstr("p.toml:15: bearer is no credential name")));
  }
}

}  // namespace
}  // namespace passgate::runtime
