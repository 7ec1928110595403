// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/secret.h"
#include "sim/cloud/cloud_api.h"

namespace passgate::sim {

/// The two generations of documents that are both online.
enum class PassinstanceDocs : std::uint8_t {
  a,  ///< /passes; fields are `customFields`: {"value":text,"label":text}
  b,  ///< /api/v1/passes; fields are `fields`: texts
};

/// Where the vendor's documents leave room.
struct PassinstanceOptions {
  PassinstanceDocs docs = PassinstanceDocs::a;
  /// No document shows how a pass is read: false has no such routes.
  bool undocumented_reads = true;
  /// A push is signed when both are there; the vendor names no header.
  SecretBytes push_secret;
  std::string signature_header;
};

/// Passinstance's API on a pass book:
///
///   PUT     /passes/{id}   {"customFields":{…}?, "voided":true?}
///   DELETE  /passes/{id}
///   GET     /passes/{id}   undocumented
///   GET     /passes?templateId=[&page=&limit=]   undocumented: {"data":[…],"nextPage":N or null}
///
/// The vendor says that PUT updates fields and voids a pass, not how. Here it is
/// taken strictly: the fields that a PUT names replace all that were there, one
/// without fields leaves them alone, and a voided pass stays voided. Nothing is
/// idempotent but by what it says. Refusals are answers with {"message":text}:
/// 404, and 422 for what a body or a query may not say.
class PassinstanceApi final : public CloudApi {
 public:
  /// @param api_key  Taken as X-API-Key and as the bearer token.
  /// @param book, clock  Outlive *this.
  PassinstanceApi(PassBook& book, SecretBytes api_key, const Clock& clock,
                  PassinstanceOptions options = {});

  bool lists(const HttpRequest& request) const override;
  ApiAnswer admit(const HttpRequest& request) const override;
  ApiAnswer answer(const HttpRequest& request, const ListQuirks& quirks) override;
  ApiAnswer failing(int status) const override;
  bool tells_rate() const override { return true; }
  std::vector<Push> take_pushes() override;

 private:
  /// The segments behind the base path; empty: none of this API.
  std::vector<std::string> route(const Target& target) const;
  ApiAnswer list(const Target& target, const ListQuirks& quirks);
  ApiAnswer put(const PassTemplate& of, CloudPass& pass, const HttpRequest& request);
  ApiAnswer destroy(PassTemplate& of, CloudPass& pass);
  std::string_view fields_member() const noexcept;
  nlohmann::json fields_of(const PassTemplate& of, const CloudPass& pass) const;
  nlohmann::json row(const PassTemplate& of, const CloudPass& pass) const;
  /// What a push says of a pass; of a deleted one only the names are left.
  nlohmann::json told(const PassTemplate& of, const CloudPass& pass) const;
  void push(std::string_view event, nlohmann::json data);

  PassBook& book_;
  SecretBytes api_key_;
  const Clock& clock_;
  PassinstanceOptions options_;
  std::vector<Push> pushes_;
};

}  // namespace passgate::sim
