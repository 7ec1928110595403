// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "cli/doctor/checks.h"
#include "cli/doctor/loaded_keys.h"
#include "cli/key_survey.h"
#include "cli/shown_text.h"
#include "runtime/json_text.h"

namespace passgate::cli::doctor {
namespace {

using nlohmann::json;

constexpr const char* kPassFile = "pass.json";
constexpr std::size_t kLargestPass = std::size_t{1} << 20;

std::optional<json> read_object(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text(kLargestPass, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
  json parsed = runtime::parse_json(text);
  return parsed.is_object() ? std::optional(std::move(parsed)) : std::nullopt;
}

/// The key that phones will seal for; nothing: the pass names none that is one.
std::optional<crypto::PublicKey> key_in(const json& pass) {
  const auto nfc = pass.find("nfc");
  if (nfc == pass.end() || !nfc->is_object()) return std::nullopt;
  const auto text = nfc->find("encryptionPublicKey");
  if (text == nfc->end() || !text->is_string()) return std::nullopt;
  const auto der = from_base64(text->get_ref<const std::string&>());
  if (!der) return std::nullopt;
  const auto key = crypto::PublicKey::read(*der);
  return key ? std::optional(*key) : std::nullopt;
}

/// The ids of all keys this terminal has for a pass type, those given by systemd too.
std::set<std::string> ids_for(const Subject& subject, const std::string& pass_type_id) {
  std::set<std::string> ids;
  for (const SurveyedKey& key : survey_keys(subject.config)) {
    if (key.pass_type_id != pass_type_id) continue;
    if (key.key) ids.insert(key_id_text(*key.key));
    const auto loaded = loaded_keys(subject, key.pass);
    if (loaded) ids.insert(loaded->begin(), loaded->end());
  }
  return ids;
}

Finding judge(const Subject& subject, const json& pass) {
  const auto edit = "sudoedit " + word(subject.config_file.string());
  const auto type = shown_text(pass, "passTypeIdentifier", "");
  const auto known = std::ranges::find_if(subject.config.passes, [&](const auto& one) {
    return one.apple && one.apple->pass_type_id == type;
  });
  if (known == subject.config.passes.end()) {
    return broken(kPassFile,
                  fmt::format("it is of pass type {}, which no [[pass]] names",
                              type.empty() ? "(none)" : type),
                  edit);
  }
  const auto key = key_in(pass);
  if (!key) {
    return broken(kPassFile,
                  "its nfc.encryptionPublicKey is missing or no P-256 key: no terminal can "
                  "read it",
                  "passgate keys list --json");
  }
  const auto id = key_id_text(*key);
  if (!known->apple->remote.empty()) {
    return good(kPassFile,
                fmt::format("sealed for key {}, which {} must have", id, known->apple->remote));
  }
  const auto ours = ids_for(subject, type);
  if (ours.contains(id))
    return good(kPassFile, fmt::format("sealed for key {}, which is ours", id));
  const auto detail = fmt::format("sealed for key {}, and this terminal has {} for {}", id,
                                  ours.empty() ? "none" : listed(ours), type);
  // Without the keys' files and without passgated the answer may lie there.
  if (ours.empty() && !subject.is_root) return unseen(kPassFile, detail, again_as_root(subject));
  return broken(kPassFile, detail, edit);
}

}  // namespace

Findings check_pass_file(const Subject& subject) {
  if (!subject.pass_file) return {};
  const auto pass = read_object(*subject.pass_file);
  if (pass) return {judge(subject, *pass)};
  return {broken(kPassFile, subject.pass_file->string() + " cannot be read, or is no JSON object",
                 "unzip -p PASS.pkpass pass.json > pass.json")};
}

}  // namespace passgate::cli::doctor
