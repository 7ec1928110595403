// SPDX-License-Identifier: Apache-2.0
#include "cli/key_survey.h"

#include "runtime/secrets.h"

namespace passgate::cli {
namespace {

void look_into(const runtime::SecretRef& ref, SurveyedKey& found) {
  found.from = ref.text();
  if (ref.kind == runtime::SecretRef::Kind::credential) {
    found.credential = ref.credential;
    return;
  }
  found.file = ref.path;
  const auto content = runtime::resolve(ref, {});
  if (!content) {
    found.key = std::unexpected(content.error());
    return;
  }
  found.key = crypto::PublicKey::of_private(*content);
  if (crypto::holds_certificate(content->expose())) {
    found.certificate = crypto::read_certificate(content->expose());
  }
}

SurveyedKey unread(const runtime::PassConfig& pass) {
  return {.pass = pass.name,
          .pass_type_id = {},
          .version = {},
          .from = {},
          .file = {},
          .credential = {},
          .key = fail(Errc::secret_unreadable),
          .certificate = {}};
}

}  // namespace

std::vector<SurveyedKey> survey_keys(const runtime::Config& config) {
  std::vector<SurveyedKey> all;
  for (const runtime::PassConfig& pass : config.passes) {
    if (pass.apple) {
      for (const runtime::SecretRef& ref : pass.apple->keys) {
        SurveyedKey& found = all.emplace_back(unread(pass));
        found.pass_type_id = pass.apple->pass_type_id;
        look_into(ref, found);
      }
      if (!pass.apple->remote.empty()) {
        SurveyedKey& found = all.emplace_back(unread(pass));
        found.pass_type_id = pass.apple->pass_type_id;
        found.from = "remote:" + pass.apple->remote;
      }
    }
    if (!pass.google) continue;
    for (const auto& [version, ref] : pass.google->keys) {
      SurveyedKey& found = all.emplace_back(unread(pass));
      found.version = version;
      look_into(ref, found);
    }
  }
  return all;
}

std::string key_id_text(const crypto::PublicKey& key) {
  return to_hex(key.id().value());
}

}  // namespace passgate::cli
