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
    std::string comment;  ///< Passworks: what the client wrote.
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
  unsigned redeemed_count = 0;
  std::string redeemed_at;  ///< RFC 3339; empty: not yet.
  std::vector<Redemption> redemptions;
  unsigned patches = 0;
  unsigned puts = 0;
  bool destroyed = false;
};

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

  /// A pass that was not destroyed, or null. Valid until the next upsert.
  CloudPass* find(std::string_view serial);
  /// The same by the name in URLs.
  CloudPass* find_id(std::string_view id);
  void destroy(CloudPass& pass);
  /// Replaces the pass of the same serial, keeping its counters, or adds it.
  void upsert(CloudPass pass);

  std::size_t count() const noexcept { return alive_.size(); }
  const CloudPass& at(std::size_t position) const { return passes_[alive_[position]]; }
  const std::vector<CloudPass>& ever() const noexcept { return passes_; }  ///< Destroyed ones too.

 private:
  std::string id_;
  Fields defaults_;
  UsePolicy policy_;
  std::vector<CloudPass> passes_;
  std::vector<std::size_t> alive_;  ///< Into passes_.
  std::unordered_map<std::string, std::size_t> by_serial_;
  std::unordered_map<std::string, std::size_t> by_id_;
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

 private:
  std::vector<PassTemplate> templates_;
};

}  // namespace passgate::sim
