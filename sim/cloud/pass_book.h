// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"

namespace passgate::sim {

using Fields = std::map<std::string, nlohmann::json, std::less<>>;

/// A pass as its cloud knows it.
struct CloudPass {
  std::string serial;
  std::string status = "Active";  ///< As the vendor spells it: Active, Removed, Expired, N/A.
  std::string issued = "2026-01-01T00:00:00Z";
  std::optional<std::string> installed;
  Fields fields;  ///< What differs from the template's defaults.
  unsigned patches = 0;
  unsigned puts = 0;
  bool destroyed = false;
};

/// One pass template with its passes, in the order they were made.
class PassTemplate {
 public:
  PassTemplate(std::string id, Fields defaults);

  const std::string& id() const noexcept { return id_; }
  bool has_key(std::string_view key) const { return defaults_.contains(key); }
  /// The defaults with the pass's own values over them.
  nlohmann::json values(const CloudPass& pass) const;

  /// A pass that was not destroyed, or null. Valid until the next upsert.
  CloudPass* find(std::string_view serial);
  void destroy(CloudPass& pass);
  /// Replaces the pass of the same serial, keeping its counters, or adds it.
  void upsert(CloudPass pass);

  std::size_t count() const noexcept { return alive_.size(); }
  const CloudPass& at(std::size_t position) const { return passes_[alive_[position]]; }
  const std::vector<CloudPass>& ever() const noexcept { return passes_; }  ///< Destroyed ones too.

 private:
  std::string id_;
  Fields defaults_;
  std::vector<CloudPass> passes_;
  std::vector<std::size_t> alive_;  ///< Into passes_.
  std::unordered_map<std::string, std::size_t> by_serial_;
};

/// Everything a sandbox account holds. Read from
/// `{"templates":[{"id":"ptk_0x14","keys":{"member.name":""} or ["member.name"],
///   "passes":[{"serial":"…","status":"Active","fields":{…},"issued":…,"installed":…}],
///   "generate":N}]}`; `generate` adds N passes with made-up serials.
class PassBook {
 public:
  /// Errors: bad_value.
  static Result<PassBook> read(const nlohmann::json& from);
  /// One pass of a template, in the shape of the file. Errors: bad_value.
  static Result<CloudPass> read_pass(const nlohmann::json& from, const PassTemplate& of);

  PassTemplate* find(std::string_view id);
  const std::vector<PassTemplate>& templates() const noexcept { return templates_; }

 private:
  std::vector<PassTemplate> templates_;
};

}  // namespace passgate::sim
