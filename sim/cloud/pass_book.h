// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/result.h"

namespace passgate::sim {

using Fields = std::map<std::string, nlohmann::json, std::less<>>;

/// A pass as its cloud knows it. Vendors differ in what they have: what one
/// lacks stays as it is here.
struct CloudPass {
  /// One attempt to use it, accepted or not, in the order they came.
  struct Redemption {
    std::string id;
    bool accepted = false;
    std::string reason;   ///< Why not; empty: accepted.
    std::string by;       ///< The scanner's name.
    std::string comment;  ///< What the client wrote: Passworks' comment, PassNinja's scannedAt.
    std::string at;       ///< RFC 3339.
  };

  std::string id;  ///< In URLs; read as the serial when the file names none.
  std::string serial;
  std::string code;  ///< What its barcode says; read as the serial when the file names none.
  std::string status = "Active";  ///< As PassNinja spells it: Active, Removed, Expired, N/A.
  std::string issued = "2026-01-01T00:00:00Z";
  std::string updated = "2026-01-01T00:00:00Z";
  std::optional<std::string> installed;
  std::string expires;  ///< RFC 3339; empty: never.
  Fields fields;        ///< What differs from the template's defaults.
  nlohmann::json metadata = nlohmann::json::object();
  bool voided = false;
  std::string voided_at;  ///< RFC 3339; empty: not, or the vendor does not tell.
  unsigned redeemed_count = 0;
  std::string redeemed_at;  ///< RFC 3339; empty: not yet.
  std::vector<Redemption> redemptions;
  unsigned patches = 0;
  unsigned puts = 0;
  bool destroyed = false;
};

/// What a pass was before a request that may change it.
struct PassBefore {
  explicit PassBefore(const CloudPass& pass);

  Fields fields;
  nlohmann::json metadata;
  std::string status;
  std::string expires;
  bool voided;
  bool destroyed;
  unsigned redeemed_count;
  unsigned writes;  ///< PATCH and PUT.
  std::size_t redemptions;
};

/// One request that changed a pass. Found by comparing the pass before and
/// after, not by what the API says of itself: a replay that changes nothing is
/// no effect, however it was answered.
struct Effect {
  std::string what;  ///< destroy | redeem | reset | void | patch
  std::string at;    ///< RFC 3339.
  /// What the writer can be recognised by: `comment`, `by` and `redemption` of an
  /// accepted use; `fields`, `metadata`, `status`, `expires`, `voided` as far as they changed.
  nlohmann::json marker;
};
/// Nothing: the pass is what it was.
std::optional<Effect> effect_of(const PassBefore& before, const CloudPass& after, std::string at);

/// How often a pass may be used, where the vendor knows such a thing.
struct UsePolicy {
  std::string mode = "single_use";  ///< single_use | reusable | count
  unsigned max_uses = 1;
};

/// One pass template with its passes, in the order they were made.
class PassTemplate {
 public:
  PassTemplate(std::string id, Fields defaults, UsePolicy policy = {});

  const std::string& id() const noexcept { return id_; }
  const UsePolicy& policy() const noexcept { return policy_; }
  bool has_key(std::string_view key) const { return defaults_.contains(key); }
  /// The defaults with the pass's own values over them.
  nlohmann::json values(const CloudPass& pass) const;

  /// A pass that was not destroyed, or null. Valid until the next upsert. What is
  /// found may be changed: `settle()` looks whether it was.
  CloudPass* find(std::string_view serial);
  /// The same by the name in URLs.
  CloudPass* find_id(std::string_view id);
  /// The same by what its barcode says.
  CloudPass* find_code(std::string_view code);
  /// By its serial, even when it was destroyed.
  CloudPass* find_ever(std::string_view serial);
  /// Where `at()` has the pass of this name in URLs. Nothing: nowhere.
  std::optional<std::size_t> position_of(std::string_view id) const;
  void destroy(CloudPass& pass);
  /// Replaces the pass of the same serial, keeping its counters, or adds it.
  void upsert(CloudPass pass);

  std::size_t count() const noexcept { return alive_.size(); }
  const CloudPass& at(std::size_t position) const { return passes_[alive_[position]]; }
  const std::vector<CloudPass>& ever() const noexcept { return passes_; }  ///< Destroyed ones too.

  /// Ends a request: what it changed at the passes it was given becomes effects.
  void settle(const std::string& at);
  /// Positions in `ever()` of the passes that a request wrote to, in the order
  /// they were first written to.
  const std::vector<std::size_t>& touched() const noexcept { return touched_; }
  /// In the order they came. @param position  In `ever()`.
  const std::vector<Effect>& effects(std::size_t position) const;

 private:
  using Index = std::unordered_map<std::string, std::size_t>;
  CloudPass* lend(const Index& index, std::string_view key, bool destroyed_too);

  std::string id_;
  Fields defaults_;
  UsePolicy policy_;
  std::vector<CloudPass> passes_;
  std::vector<std::size_t> alive_;  ///< Into passes_.
  Index by_serial_;
  Index by_id_;
  Index by_code_;
  std::map<std::size_t, PassBefore> lent_;  ///< Since the last settle().
  std::vector<std::size_t> touched_;
  std::unordered_map<std::size_t, std::vector<Effect>> effects_;
};

/// Everything a sandbox account holds. Read from
/// `{"templates":[{"id":"ptk_0x14","keys":{"member.name":""} or ["member.name"],
///   "policy":{"mode":"count","max_uses":3},
///   "passes":[{"serial":"…","id":"…","code":"…","status":"Active","fields":{…},"metadata":{…},
///     "issued":…,"installed":…,"expires":…,"voided":true}],
///   "generate":N}]}`; `generate` adds N passes with made-up serials.
class PassBook {
 public:
  /// Errors: bad_value.
  static Result<PassBook> read(const nlohmann::json& from);
  /// One pass of a template, in the shape of the file. Errors: bad_value.
  static Result<CloudPass> read_pass(const nlohmann::json& from, const PassTemplate& of);

  PassTemplate* find(std::string_view id);
  /// The template and the pass of this name in URLs, for vendors whose URLs name no
  /// template. Null: there is none, or it was destroyed.
  std::pair<PassTemplate*, CloudPass*> find_pass(std::string_view id);
  const std::vector<PassTemplate>& templates() const noexcept { return templates_; }
  /// As PassTemplate::settle() for all of them.
  void settle(const std::string& at);

 private:
  std::vector<PassTemplate> templates_;
};

}  // namespace passgate::sim
