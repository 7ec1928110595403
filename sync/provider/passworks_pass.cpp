// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passworks_pass.h"

#include <algorithm>

namespace passgate::sync {

namespace {

using Json = nlohmann::json;
using gate::PassState;

struct Word {
  std::string_view text;
  PassState state;
};

/// A pass is voided by its last redemption; one that was voided without any
/// was withdrawn.
Word word_for(bool voided, std::uint64_t uses) {
  if (voided)
    return uses > 0 ? Word{"redeemed", PassState::redeemed} : Word{"voided", PassState::voided};
  return uses > 0 ? Word{"partly_redeemed", PassState::valid} : Word{"active", PassState::valid};
}

}  // namespace

std::optional<PassworksRow> read_passworks_pass(const Passworks::Settings& settings,
                                                const ProviderTemplate& of, const Json& pass) {
  const auto* id = id_in(pass, "id");
  if (id == nullptr) return std::nullopt;
  const auto voided = pass.find("voided");
  const auto uses = passworks_uses(pass);
  if (voided == pass.end() || !voided->is_boolean() || !uses) return std::nullopt;
  const auto* join = id;
  if (of.join == "serial") join = id_in(pass, "serial_number");
  if (of.join == "code") join = id_in(pass, "redeem_code");
  if (join == nullptr && of.join != "code") return std::nullopt;
  if (join == nullptr) return PassworksRow{.row = std::nullopt, .unmapped = true};
  MirrorRow row{.join_value = *join,
                .provider_id = *id,
                .state = PassState::unknown,
                .valid_from = std::nullopt,
                .valid_until = std::nullopt};
  const auto word = word_for(voided->get<bool>(), *uses);
  const bool read = judge(settings.reading, word.text, word.state, pass, row);
  return PassworksRow{.row = std::move(row), .unmapped = !read};
}

std::optional<std::uint64_t> passworks_uses(const Json& pass) {
  if (!pass.is_object()) return std::nullopt;
  const auto one = uses_in(pass, "redeemed_count");
  const auto other = uses_in(pass, "redeem_count");
  if (!one || !other) return std::nullopt;
  return std::max(*one, *other);
}

const std::string* passworks_found_id(const Json& found) {
  // Under "id" may also stand the id of something that only holds the pass.
  if (const auto* pass = value_at(found, "/pass"); pass != nullptr) return id_in(*pass, "id");
  const auto* id = id_in(found, "pass_id");
  return id != nullptr ? id : id_in(found, "id");
}

}  // namespace passgate::sync
