// SPDX-License-Identifier: Apache-2.0
// [[pass]] against the [[provider]] that knows it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/config_text.h"

namespace passgate::runtime {
namespace {

using test::problems_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kList = "list = { path = \"/x?{page}\" }\n";

/// A pass on line 5, judged by the gate on line 3, and its provider.
std::string with(std::string_view pass, std::string_view kind, std::string_view provider) {
  const bool has_account = kind == "passninja" || kind == "passworks";
  return fmt::format(
      "[terminal]\nid = \"a\"\n[[reader]]\nmode = \"gate\"\n"
      "[[pass]]\nname = \"ticket\"\npattern = '^(?P<pass_id>.+)$'\nprovider = \"main\"\n"
      "apple = {{ pass_type_id = \"p\", keys = [\"file:k\"] }}\n{}\n"
      "[[provider]]\nname = \"main\"\nkind = \"{}\"\nbase_url = \"https://a\"\n"
      "api_key = \"file:k\"\n{}{}\n",
      pass, kind, has_account ? "account_id = \"a\"\n" : "", provider);
}

struct Pair {
  const char* what;
  const char* pass;
  const char* kind;
  std::string provider;
  const char* says;  ///< Null: accepted.
};

class PassAndProvider : public testing::TestWithParam<Pair> {};

TEST_P(PassAndProvider, FitOrTheOperatorIsTold) {
  const auto said = problems_of(with(GetParam().pass, GetParam().kind, GetParam().provider));
  if (GetParam().says == nullptr) {
    EXPECT_THAT(said, IsEmpty());
  } else {
    EXPECT_THAT(said, ElementsAre(HasSubstr(GetParam().says)));
  }
}

std::string name_of(const testing::TestParamInfo<Pair>& info) {
  return info.param.what;
}

const std::string kUpdate = "redeem = { fields = { at = \"{time}\" } }\n";

INSTANTIATE_TEST_SUITE_P(
    Joins, PassAndProvider,
    testing::Values(
        Pair{"PassninjaSerial", "join = \"serial\"", "passninja", "", nullptr},
        Pair{"PassninjaCode", "join = \"code\"", "passninja", "",
             "p.toml:5: join may not be \"code\" with provider \"main\": passninja does not list "
             "it (one of: id, serial)"},
        Pair{"PassmintSerial", "join = \"serial\"", "passmint", "", nullptr},
        Pair{"PassmintCode", "join = \"code\"", "passmint", "", "passmint does not list it"},
        Pair{"PassinstanceSerial", "join = \"serial\"", "passinstance",
             kUpdate + std::string(kList), nullptr},
        Pair{"PassinstanceCode", "join = \"code\"", "passinstance", kUpdate + std::string(kList),
             "passinstance does not list it (one of: id, serial)"},
        Pair{"PassworksId", "template = \"coupons/c\"", "passworks", "", nullptr},
        Pair{"PassworksSerial", "template = \"coupons/c\"\njoin = \"serial\"", "passworks", "",
             nullptr},
        Pair{"PassworksCode", "template = \"coupons/c\"\njoin = \"code\"", "passworks", "",
             nullptr}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Campaigns, PassAndProvider,
    testing::Values(
        Pair{"StoreCards", "template = \"store_cards/1-2\"", "passworks", "", nullptr},
        Pair{"EventTickets", "template = \"event_tickets/1-2\"", "passworks", "", nullptr},
        Pair{"BoardingPasses", "template = \"boarding_passes/1-2\"", "passworks", "", nullptr},
        Pair{"Generics", "template = \"generics/1-2\"", "passworks", "", nullptr},
        Pair{"NoType", "template = \"1-2\"", "passworks", "",
             "p.toml:5: template \"1-2\" is no TYPE/CAMPAIGN, as passworks needs it (TYPE is one "
             "of: coupons, store_cards, event_tickets, boarding_passes, generics)"},
        Pair{"SingularType", "template = \"coupon/1\"", "passworks", "", "is no TYPE/CAMPAIGN"},
        Pair{"NoCampaign", "template = \"coupons/\"", "passworks", "", "is no TYPE/CAMPAIGN"},
        Pair{"TypeOnly", "template = \"coupons\"", "passworks", "", "is no TYPE/CAMPAIGN"},
        Pair{"TwoCampaigns", "template = \"coupons/1/2\"", "passworks", "", "is no TYPE/CAMPAIGN"},
        Pair{"DefaultTemplate", "", "passworks", "", "template \"ticket\" is no TYPE/CAMPAIGN"},
        Pair{"NotOfPassninja", "template = \"a\"", "passninja", "", nullptr}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    WithoutAList, PassAndProvider,
    testing::Values(
        Pair{"DeniesBoth", "", "passinstance", kUpdate,
             "p.toml:5: [[pass]] \"ticket\" would admit nobody: provider \"main\" has no list, so "
             "every pass is unknown and stale (give the provider a list, or the pass on_unknown = "
             "\"admit\" and on_stale = \"admit\")"},
        Pair{"DeniesTheUnknown", "on_stale = \"admit\"", "passinstance", kUpdate,
             "would admit nobody"},
        Pair{"DeniesTheStale", "on_unknown = \"admit\"", "passinstance", kUpdate,
             "would admit nobody"},
        Pair{"AdmitsBoth", "on_stale = \"admit\"\non_unknown = \"admit\"", "passinstance", kUpdate,
             nullptr},
        Pair{"NotWithAList", "", "passinstance", kUpdate + std::string(kList), nullptr}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    ModesThatEndAPass, PassAndProvider,
    testing::Values(
        Pair{"DeleteOfSeveralUses", "uses = 3", "passninja", "redeem = { mode = \"delete\" }",
             "p.toml:5: [[pass]] \"ticket\" is for more than one use, but provider \"main\" has "
             "redeem.mode = \"delete\", which ends a pass at its first (uses = 1, or another "
             "mode)"},
        Pair{"DeleteOfReusable", "reusable = true", "passninja", "redeem = { mode = \"delete\" }",
             "redeem.mode = \"delete\", which ends a pass at its first"},
        Pair{"DeleteOfOneUse", "uses = 1", "passninja", "redeem = { mode = \"delete\" }", nullptr},
        Pair{"ExpireOfSeveralUses", "uses = 3", "passninja",
             "redeem = { mode = \"expire\", expire_field = \"x\" }", "redeem.mode = \"expire\""},
        Pair{"VoidOfSeveralUses", "uses = 3", "passinstance",
             "redeem = { mode = \"void\", body = \"{}\" }\n" + std::string(kList),
             "redeem.mode = \"void\""},
        Pair{"PatchOfSeveralUses", "uses = 3", "passninja", "", nullptr}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    PathsOfAUse, PassAndProvider,
    testing::Values(
        Pair{"SerialNotKnown", "", "passinstance",
             "redeem = { fields = { a = \"b\" }, path = \"/x/{serial}\" }\n" + std::string(kList),
             "p.toml:5: a use of [[pass]] \"ticket\" cannot be recorded: provider \"main\" has "
             "{serial} in redeem.path, but join = \"id\" does not yield it"},
        Pair{"IdNotKnown", "join = \"serial\"\non_stale = \"admit\"\non_unknown = \"admit\"",
             "passinstance", kUpdate, "has {id} in redeem.path, but join = \"serial\" does not"},
        Pair{"SerialKnown", "join = \"serial\"\non_stale = \"admit\"\non_unknown = \"admit\"",
             "passinstance", "redeem = { fields = { a = \"b\" }, path = \"/x/{serial}\" }",
             nullptr}),
    name_of);

TEST(PassAtAWedge, IsNotHeldToWhatOnlyAGateNeeds) {
  auto text = with("", "passinstance", kUpdate);
  text.replace(text.find("gate\""), 5, "wedge\"");
  EXPECT_THAT(problems_of(text), IsEmpty());
}

TEST(Push, IsRefusedWhereNothingWouldEverArrive) {
  const auto text = with("", "passmint", "webhook = { secrets = [\"file:s\"] }\n");
  EXPECT_THAT(problems_of(text),
              ElementsAre("p.toml:16: webhook of provider \"main\": nothing would ever arrive "
                          "without [http] ([http] listen = [\"127.0.0.1:8470\"])"));
  EXPECT_THAT(problems_of(text + "[http]\nlisten = [\"unix:s\"]\n"), IsEmpty());
}

}  // namespace
}  // namespace passgate::runtime
