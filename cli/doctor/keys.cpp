// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "cli/doctor/checks.h"
#include "cli/doctor/credential.h"
#include "cli/doctor/loaded_keys.h"
#include "cli/doctor/node.h"
#include "cli/key_survey.h"
#include "cli/user_list.h"

namespace passgate::cli::doctor {
namespace {

constexpr unsigned kRead = 4;

std::string what_of(const SurveyedKey& key) {
  return fmt::format("key of {} ({})", key.pass,
                     key.version ? fmt::format("google, version {}", *key.version) : "apple");
}

Finding judge_unread(const Subject& subject, const SurveyedKey& key) {
  const auto path = word(key.file->string());
  const Error& why = key.key.error();
  if (why.code() == Errc::secret_too_open) {
    return broken(what_of(key),
                  fmt::format("{}: group or others may read it (mode {:04o}), so it is refused",
                              key.from, why.detail()),
                  "sudo chmod 0600 " + path);
  }
  if (why.code() == Errc::bad_key) {
    return broken(what_of(key), key.from + " is no P-256 private key (PEM or DER, not encrypted)",
                  "openssl pkey -noout -text -in " + path);
  }
  if (why.detail() == EACCES && !subject.is_root) {
    return unseen(what_of(key), key.from + " is not for this user", again_as_root(subject));
  }
  if (why.detail() == ENOENT) {
    return broken(what_of(key), key.from + " is not there", "sudo passgate keys new " + path);
  }
  return broken(
      what_of(key),
      fmt::format("{} cannot be read: {}", key.from, std::generic_category().message(why.detail())),
      "sudo ls -l " + path);
}

/// Whether passgated, which is not root, can read it as well. Where there is no
/// such user there is nothing to compare with.
std::optional<Finding> closed_to_passgated(const Subject& subject, const SurveyedKey& key) {
  const auto user = user_in(subject.at("/etc/passwd"), "passgated");
  const auto node = node_at(*key.file);
  if (!user || !node) return std::nullopt;
  const auto path = word(key.file->string());
  if (!may(*user, *node, kRead)) {
    return broken(what_of(key), key.from + " does not belong to passgated, which cannot read it",
                  fmt::format("sudo chown passgated {}", path));
  }
  const auto folder = barred_folder(*user, *key.file);
  if (!folder) return std::nullopt;
  const auto name = word(folder->string());
  return broken(what_of(key),
                fmt::format("passgated may not go through {} to {}", folder->string(), key.from),
                fmt::format("sudo chgrp passgate {} && sudo chmod g+x {}", name, name));
}

/// A certificate of the pass type beside the key: of the right one?
std::optional<Finding> wrong_certificate(const SurveyedKey& key) {
  if (!key.certificate || key.pass_type_id.empty()) return std::nullopt;
  const auto inspect = "openssl x509 -noout -subject -in " + word(key.file->string());
  if (!*key.certificate) {
    return broken(what_of(key), key.from + " holds a certificate that cannot be read", inspect);
  }
  const crypto::Certificate& certificate = **key.certificate;
  if (!certificate.user_id.empty() && certificate.user_id != key.pass_type_id) {
    return broken(what_of(key),
                  fmt::format("{} holds the certificate of {}, and pass_type_id is {}", key.from,
                              certificate.user_id, key.pass_type_id),
                  inspect);
  }
  if (certificate.key != std::optional(*key.key)) {
    return broken(what_of(key),
                  key.from + " holds a certificate of another key than the private one", inspect);
  }
  return std::nullopt;
}

Finding judge_file(const Subject& subject, const SurveyedKey& key) {
  if (!key.key) return judge_unread(subject, key);
  if (auto closed = closed_to_passgated(subject, key)) return *closed;
  if (auto wrong = wrong_certificate(key)) return *wrong;
  const auto id = key_id_text(*key.key);
  const auto loaded = loaded_keys(subject, key.pass);
  if (loaded && !loaded->contains(id)) {
    return worry(what_of(key),
                 fmt::format("{} has key id {}, and passgated does not have it yet", key.from, id),
                 "sudo systemctl restart passgated");
  }
  return good(what_of(key),
              fmt::format("{}: key id {}{}", key.from, id, loaded ? ", which passgated has" : ""));
}

/// Whether systemd could give it, for a passgated that does not run.
Finding judge_stored(const Subject& subject, const SurveyedKey& key) {
  const auto file = credential_file(kKeyCredentials, key.credential);
  if (!file) {
    return broken(what_of(key),
                  fmt::format("{}: passgated.service as it is shipped gives only names that begin "
                              "with {}",
                              key.from, kKeyCredentials.prefix),
                  "sudoedit " + word(subject.config_file.string()));
  }
  std::error_code problem;
  const bool found = std::filesystem::exists(subject.at(*file), problem);
  if (problem == std::errc::permission_denied) {
    return unseen(what_of(key), fmt::format("{} is not for this user", kKeyCredentials.path),
                  again_as_root(subject));
  }
  if (found) {
    return good(what_of(key),
                fmt::format("{}: in {}, to be loaded at the start", key.from, file->string()));
  }
  return broken(what_of(key), fmt::format("{}: there is no {}", key.from, file->string()),
                fmt::format("sudo systemd-creds encrypt --name={} FILE {}", word(key.credential),
                            word(file->string())));
}

Finding judge_credential(const Subject& subject, const SurveyedKey& key) {
  const auto loaded = loaded_keys(subject, key.pass);
  // passgated does not start without its keys: that it runs is the answer.
  if (!loaded) return judge_stored(subject, key);
  if (loaded->empty()) {
    return worry(what_of(key), key.from + ": passgated has no key of this pass yet",
                 "sudo systemctl restart passgated");
  }
  return good(what_of(key), fmt::format("{}: passgated has {}", key.from, listed(*loaded)));
}

}  // namespace

Findings check_keys(const Subject& subject) {
  Findings found;
  for (const SurveyedKey& key : survey_keys(subject.config)) {
    if (key.file) {
      found.push_back(judge_file(subject, key));
    } else if (!key.credential.empty()) {
      found.push_back(judge_credential(subject, key));
    } else {
      found.push_back(good(what_of(key), key.from + ": a decryption service has it"));
    }
  }
  return found;
}

}  // namespace passgate::cli::doctor
