// SPDX-License-Identifier: Apache-2.0
// docs/events.md says what is sent: no member, type or word more, and none less.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "gate/merge.h"
#include "gate/vocabulary.h"
#include "sync/events.h"
#include "tests/rig/temp_folder.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using testing::HasSubstr;
using Words = std::set<std::string>;

const std::string& document() {
  static const std::string text =
      passgate::test::content_of(std::filesystem::path(PASSGATE_SOURCE_DIR) / "docs" / "events.md");
  return text;
}

/// A tap with everything that a tap may have.
gate::TapRecord whole_tap() {
  auto tap = example_tap();
  tap.wallet = gate::Wallet::google;
  tap.object_id = "21c94a5101e25eaa";
  tap.party = 3;
  tap.flag = gate::Flag::partial_party;
  tap.clock_error = Milliseconds(250);
  return tap;
}

gate::TapRecord act(gate::Kind kind) {
  auto record = whole_tap();
  record.kind = kind;
  record.refers = example_tap().tap_id;
  record.operator_id = "anna";
  record.why = "knows her";
  if (kind == gate::Kind::undo) record.use_no.reset();
  return record;
}

gate::TapRecord conflict(bool withdrawn) {
  const auto about = whole_tap();
  return gate::conflict_record({.tap = about.tap_id,
                                .kind = gate::Conflict::duplicate_offline,
                                .against = about.tap_id,
                                .order_certain = true},
                               about, withdrawn, 0);
}

void add_members(const nlohmann::json& value, Words& members) {
  if (!value.is_object()) return;
  for (const auto& [name, inner] : value.items()) {
    members.insert(name);
    add_members(inner, members);
  }
}

Words members_of(const gate::TapRecord& record) {
  Words members;
  for (const auto& event : events_of(record)) {
    add_members(nlohmann::json::parse(event.body).at("data"), members);
  }
  return members;
}

/// What the tables under "| member…" list, where the heading of the table ends so.
Words listed_under(const std::string& heading) {
  Words words;
  std::istringstream lines(document());
  bool inside = false;
  const std::regex row("\\| `([a-z_]+)` \\|.*");
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(heading)) inside = true;
    if (!line.starts_with("|")) inside = false;
    std::smatch match;
    if (inside && std::regex_match(line, match, row)) words.insert(match[1]);
  }
  return words;
}

Words shown_in_examples() {
  const std::regex member("\"([a-z_]+)\":");
  Words words;
  for (std::sregex_iterator at(document().begin(), document().end(), member), end; at != end;
       ++at) {
    words.insert((*at)[1]);
  }
  return words;
}

TEST(EventsDocument, HasEveryMemberThatIsSentAndNoOther) {
  Words sent = members_of(whole_tap());
  sent.merge(members_of(act(gate::Kind::override)));
  sent.merge(members_of(act(gate::Kind::undo)));
  sent.merge(members_of(conflict(false)));
  Words documented = shown_in_examples();
  documented.merge(listed_under("| member"));
  EXPECT_EQ(documented, sent);
}

TEST(EventsDocument, ExplainsWhatAConflictHasBesideItsTap) {
  const Words of_tap = members_of(whole_tap());
  Words own;
  for (const auto& member : members_of(conflict(false))) {
    if (!of_tap.contains(member)) own.insert(member);
  }
  EXPECT_EQ(listed_under("| member of a conflict"), own);
}

TEST(EventsDocument, HasTheTypeAndTheIdOfEveryEvent) {
  const auto row = [](const Event& event, const gate::TapRecord& record, const char* whose) {
    const auto own = record.tap_id.text();
    EXPECT_TRUE(event.id.starts_with(own)) << event.id;
    return "\n| `" + event.type + "` | `<" + whose + " id>" + event.id.substr(own.size()) + "` | ";
  };
  for (const auto& event : events_of(whole_tap())) {
    EXPECT_THAT(document(), HasSubstr(row(event, whole_tap(), "tap")));
  }
  for (const auto kind : {gate::Kind::override, gate::Kind::undo}) {
    const auto record = act(kind);
    EXPECT_THAT(document(), HasSubstr(row(events_of(record).at(0), record, "act")));
  }
  const auto record = conflict(false);
  EXPECT_NE(record.tap_id, whole_tap().tap_id) << "a conflict has an id of its own";
  EXPECT_THAT(document(), HasSubstr(row(events_of(record).at(0), record, "conflict")));
}

TEST(EventsDocument, ExplainsEveryKindOfConflictAndEveryFlag) {
  Words kinds;
  for (const auto kind : {gate::Conflict::duplicate_offline, gate::Conflict::after_revocation,
                          gate::Conflict::race, gate::Conflict::wrongly_refused}) {
    kinds.emplace(gate::name(kind));
  }
  EXPECT_EQ(listed_under("| kind"), kinds);
  for (const auto flag :
       {gate::Flag::exit_without_entry, gate::Flag::partial_party, gate::Flag::withdrawn}) {
    EXPECT_THAT(document(), HasSubstr("`" + std::string(gate::name(flag)) + "`"));
  }
}

TEST(Events, TellAWithdrawalAsAnEventOfItsOwn) {
  const auto told = events_of(conflict(false)).at(0);
  const auto withdrawn = events_of(conflict(true)).at(0);
  EXPECT_NE(withdrawn.id, told.id);
  const auto data = nlohmann::json::parse(withdrawn.body).at("data");
  EXPECT_EQ(data.at("withdrawn"), true);
  EXPECT_EQ(data.at("flag"), "withdrawn");
  EXPECT_EQ(data.at("refers"), whole_tap().tap_id.text());
}

}  // namespace
}  // namespace passgate::sync::test
