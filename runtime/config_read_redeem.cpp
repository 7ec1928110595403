// SPDX-License-Identifier: Apache-2.0
// [provider.redeem]: how a use is recorded at each kind of provider.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <span>

#include "runtime/config_reader.h"
#include "runtime/key_place.h"
#include "runtime/toml_text.h"
#include "runtime/value_rule.h"

namespace passgate::runtime {
namespace {

constexpr std::array<std::string_view, 6> kWords = {"time",   "tap_id",  "terminal",
                                                    "reader", "pass_id", "object_id"};
constexpr std::string_view kKnownWords =
    "known: {time} {tap_id} {terminal} {reader} {pass_id} {object_id}";

constexpr std::array<std::string_view, 5> kPassninja = {"patch", "scan", "expire", "delete",
                                                        "none"};
constexpr std::array<std::string_view, 4> kPassmint = {"patch", "scan", "both", "none"};
constexpr std::array<std::string_view, 3> kPassinstance = {"update", "void", "none"};
constexpr std::array<std::string_view, 2> kPassworks = {"redeem", "none"};

constexpr KeyPlace kRedeemPlaces[] = {
    {"fields", "passninja", "patch"},        {"fields", "passmint", "patch"},
    {"fields", "passmint", "both"},          {"fields", "passinstance", "update"},
    {"undo_fields", "passninja", "patch"},   {"undo_fields", "passmint", "patch"},
    {"undo_fields", "passmint", "both"},     {"undo_fields", "passinstance", "update"},
    {"token", "passninja", "scan"},          {"token", "passmint", "scan"},
    {"token", "passmint", "both"},           {"message", "passninja", "scan"},
    {"message", "passmint", "scan"},         {"message", "passmint", "both"},
    {"scanner_name", "passmint", "scan"},    {"scanner_name", "passmint", "both"},
    {"decision_at", "passmint", "scan"},     {"decision_at", "passmint", "both"},
    {"reason_at", "passmint", "scan"},       {"reason_at", "passmint", "both"},
    {"expire_field", "passninja", "expire"}, {"method", "passinstance", "update"},
    {"method", "passinstance", "void"},      {"path", "passinstance", "update"},
    {"path", "passinstance", "void"},        {"member", "passinstance", "update"},
    {"value", "passinstance", "update"},     {"body", "passinstance", "void"},
    {"confirm", "passworks", "redeem"},
};

/// The modes of a kind, its default first.
std::span<const std::string_view> modes_of(std::string_view kind) {
  if (kind == "passninja") return kPassninja;
  if (kind == "passmint") return kPassmint;
  if (kind == "passinstance") return kPassinstance;
  if (kind == "passworks") return kPassworks;
  return {};
}

/// The mode; empty when it is none of the kind's.
std::string read_mode(TableReader& table, std::string_view kind) {
  const auto modes = modes_of(kind);
  if (modes.empty()) {
    table.knows("mode");
    return "";
  }
  std::string mode = table.text("mode", modes.front());
  if (std::ranges::find(modes, mode) != modes.end()) return mode;
  table.problem_of("mode", fmt::format("may not be {} with kind = \"{}\"", toml_string(mode), kind),
                   fmt::format("one of: {}", fmt::join(modes, ", ")));
  return "";
}

/// The table's keys, each read only where it has its place.
class RedeemReader {
 public:
  RedeemReader(TableReader table, std::string_view kind)
      : table_(std::move(table)), kind_(kind), mode_(read_mode(table_, kind)) {}

  RedeemConfig read();

 private:
  bool here(std::string_view key) { return belongs(table_, key, kRedeemPlaces, kind_, mode_); }
  void check_words(std::string_view key, std::string_view name, std::string_view value);
  std::map<std::string, std::string> values(std::string_view key);
  void read_fields(RedeemConfig& redeem);
  void check_scanner(const RedeemConfig& redeem);
  void read_scan(RedeemConfig& redeem);
  void read_call(RedeemConfig& redeem);
  void read_pointer(std::string_view key, std::string& pointer);

  TableReader table_;
  std::string_view kind_;
  std::string mode_;
};

void RedeemReader::check_words(std::string_view key, std::string_view name,
                               std::string_view value) {
  const std::string word = unknown_word(value, kWords);
  if (word.empty()) return;
  table_.problem(key,
                 fmt::format("redeem.{} holds the unknown {}", name, toml_string("{" + word + "}")),
                 std::string(kKnownWords));
}

std::map<std::string, std::string> RedeemReader::values(std::string_view key) {
  auto all = table_.text_map(key);
  for (const auto& [field, value] : all) {
    check_words(key, fmt::format("{}.{}", key, toml_key(field)), value);
  }
  return all;
}

void RedeemReader::read_fields(RedeemConfig& redeem) {
  if (here("fields")) {
    redeem.fields = values("fields");
    if (redeem.fields.empty() && kind_ == "passinstance") {
      table_.problem_of("fields", "is missing: nothing would be written",
                        "fields = { redeemedAt = \"{time}\" }");
    }
  }
  if (here("undo_fields")) {
    redeem.undo_fields = values("undo_fields");
    // Passmint records a use in the pass's metadata as well, so that there is
    // something to take back without fields.
    if (!redeem.undo_fields.empty() && redeem.fields.empty() && kind_ == "passninja") {
      table_.problem_of("undo_fields", "are never sent: without fields nothing is recorded",
                        "fields = { \"redeemed-at\" = \"{time}\" }");
    }
  }
}

void RedeemReader::read_pointer(std::string_view key, std::string& pointer) {
  if (!here(key)) return;
  pointer = table_.text(key, pointer);
  if (const auto wrong = pointer_problem(pointer)) table_.problem_of(key, *wrong);
}

void RedeemReader::check_scanner(const RedeemConfig& redeem) {
  const std::string hint = "or neither, and passgate-syncd --pair gets both";
  if (table_.has("token") && redeem.scanner_name.empty()) {
    table_.problem_of("scanner_name", "is missing: the token is of a scanner that has a name",
                      hint);
  }
  if (!table_.has("token") && !redeem.scanner_name.empty()) {
    table_.problem_of("token", "is missing: the scanner that scanner_name names has one", hint);
  }
}

void RedeemReader::read_scan(RedeemConfig& redeem) {
  if (here("token")) redeem.token = table_.secret("token");
  if (here("scanner_name")) {
    redeem.scanner_name = table_.text("scanner_name", "");
    check_scanner(redeem);
  }
  if (kind_ == "passninja" && mode_ == "scan" && !table_.has("token")) {
    table_.problem_of("token", "is missing: a scan is sent in the name of a reader",
                      "token = \"credential:passninja-reader\"");
  }
  if (here("message")) {
    redeem.message = table_.text("message", redeem.message);
    if (redeem.message.empty()) table_.problem_of("message", "is empty");
    check_words("message", "message", redeem.message);
  }
  read_pointer("decision_at", redeem.decision_at);
  read_pointer("reason_at", redeem.reason_at);
}

void RedeemReader::read_call(RedeemConfig& redeem) {
  if (here("expire_field")) redeem.expire_field = table_.required_text("expire_field");
  if (here("method")) {
    redeem.method = table_.choice("method", {"PUT", "PATCH", "POST"}, redeem.method);
  }
  if (here("path")) {
    redeem.path = table_.text("path", redeem.path);
    if (const auto wrong = pass_path_problem(redeem.path)) {
      table_.problem_of("path", *wrong, "known: {id} {serial}");
    }
  }
  if (here("member")) redeem.member = table_.text("member", redeem.member);
  if (here("value")) redeem.value = table_.choice("value", {"object", "text"}, redeem.value);
  if (here("body")) {
    redeem.body = table_.required_text("body");
    const auto wrong = redeem.body.empty() ? std::nullopt : json_object_problem(redeem.body);
    if (wrong) table_.problem_of("body", *wrong, R"(body = '{"voided":true}')");
  }
  if (here("confirm")) {
    redeem.confirm = table_.choice("confirm", {"redeems", "count"}, redeem.confirm);
  }
}

RedeemConfig RedeemReader::read() {
  RedeemConfig redeem;
  redeem.mode = mode_;
  read_fields(redeem);
  read_scan(redeem);
  read_call(redeem);
  table_.finish();
  return redeem;
}

}  // namespace

RedeemConfig read_redeem(TableReader table, std::string_view kind) {
  return RedeemReader(std::move(table), kind).read();
}

}  // namespace passgate::runtime
