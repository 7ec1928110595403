// SPDX-License-Identifier: Apache-2.0
#include "cli/keys.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>

#include "cli/key_survey.h"
#include "cli/terminal.h"
#include "cli/user_list.h"
#include "crypto/new_key.h"
#include "runtime/unix_socket.h"

namespace passgate::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kUser = "passgated";

std::string because(int why) {
  return std::generic_category().message(why);
}

Status write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail(Errc::storage_unwritable, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

/// passgated must be able to read it and nobody else may, so it is given away
/// before there is anything in it. @return Whose it is, for a person.
Result<std::string> hand_over(int fd, const std::filesystem::path& users) {
  if (::geteuid() != 0) return std::string("you: passgated has to be given it");
  const auto user = user_in(users, kUser);
  if (!user) return std::string("root: there is no user passgated here");
  if (::fchown(fd, user->id, user->group) != 0) return fail(Errc::storage_unwritable, errno);
  return std::string(kUser);
}

Result<std::string> fill(int fd, const SecretBytes& pem, const std::filesystem::path& users) {
  auto owner = hand_over(fd, users);
  if (!owner) return owner;
  if (const auto written = write_all(fd, pem.expose()); !written) {
    return std::unexpected(written.error());
  }
  if (::fsync(fd) != 0) return fail(Errc::storage_unwritable, errno);
  return owner;
}

int cannot_make(const std::filesystem::path& file, int why, std::ostream& err) {
  err << "passgate: " << file.string() << " cannot be made: " << because(why) << '\n';
  if (why == EEXIST) err << "a key is never overwritten; 'passgate keys list' tells what it is\n";
  if (why == ENOENT) {
    err << fmt::format("sudo install -d -m 0750 -g passgate {}\n",
                       std::filesystem::absolute(file).parent_path().string());
  }
  if (why == EACCES) err << fmt::format("sudo passgate keys new {}\n", file.string());
  return EX_CANTCREAT;
}

void tell(const std::filesystem::path& file, const crypto::PublicKey& key, const std::string& owner,
          bool as_json, std::ostream& out) {
  const std::string apple = to_base64(key.compressed_der());
  if (as_json) {
    out << ordered_json{{"file", file.string()},
                        {"key_id", key_id_text(key)},
                        {"owner", owner},
                        {"apple_public_key", apple},
                        {"google_public_key", key.pem()}}
               .dump()
        << '\n';
    return;
  }
  out << fmt::format(
      "file    {} (mode 0600, of {})\nkey id  {}\n\n"
      "Its public half, for whoever issues the passes; it is no secret.\n"
      "Apple:  \"encryptionPublicKey\" in the \"nfc\" of pass.json\n{}\n"
      "Google: the public key of the collector\n{}",
      file.string(), owner, key_id_text(key), apple, key.pem());
}

ordered_json json_of(const SurveyedKey& key) {
  ordered_json entry{
      {"pass", key.pass}, {"wallet", key.version ? "google" : "apple"}, {"from", key.from}};
  if (key.version) {
    entry["version"] = *key.version;
  } else {
    entry["pass_type_id"] = key.pass_type_id;
  }
  if (key.key) {
    entry["key_id"] = key_id_text(*key.key);
    entry["apple_public_key"] = to_base64(key.key->compressed_der());
    entry["google_public_key"] = key.key->pem();
  } else if (key.file) {
    entry["error"] = name(key.key.error().code());
  }
  return entry;
}

std::string id_column(const SurveyedKey& key) {
  if (key.key) return key_id_text(*key.key);
  return key.file ? std::string(name(key.key.error().code())) : "-";
}

int list_keys(const std::string& file, bool as_json) {
  const auto config = runtime::load_config(file);
  if (!config) {
    for (const auto& problem : config.error()) fmt::print(stderr, "{}\n", problem.text());
    return EX_CONFIG;
  }
  const auto keys = survey_keys(*config);
  if (as_json) {
    for (const SurveyedKey& key : keys) fmt::print("{}\n", json_of(key).dump());
    return EX_OK;
  }
  if (keys.empty()) fmt::print(stderr, "no [[pass]] names a key\n");
  constexpr const char* kRow = "{:<20} {:<7} {:<18} {:<34} {}\n";
  if (!keys.empty()) fmt::print(kRow, "PASS", "WALLET", "KEY ID", "FOR", "FROM");
  for (const SurveyedKey& key : keys) {
    fmt::print(kRow, key.pass, key.version ? "google" : "apple", id_column(key),
               key.version ? fmt::format("version {}", *key.version) : key.pass_type_id, key.from);
  }
  return EX_OK;
}

}  // namespace

int new_key_file(const std::filesystem::path& file, const std::filesystem::path& users,
                 bool as_json, std::ostream& out, std::ostream& err) {
  const runtime::FileDescriptor fd(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (fd.get() < 0) return cannot_make(file, errno, err);
  const SecretBytes pem = crypto::new_private_key_pem();
  const auto owner = fill(fd.get(), pem, users);
  if (!owner) {
    ::unlink(file.c_str());  // Half a key would be in the way of the next try.
    err << "passgate: " << file.string()
        << " cannot be written: " << because(owner.error().detail()) << '\n';
    return EX_IOERR;
  }
  tell(file, crypto::PublicKey::of_private(pem).value(), *owner, as_json, out);
  return EX_OK;
}

void add_keys(CLI::App& app, int& exit_status) {
  struct Options {
    std::string config = kDefaultConfig;
    std::string file;
    bool as_json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("keys", "The keys of the passes; a new one");
  command->require_subcommand(1);
  CLI::App* all = command->add_subcommand("list", "What each [[pass]] names, and its key id");
  all->add_option("--config", options->config, "Configuration file");
  CLI::App* make = command->add_subcommand("new", "Make a key and tell its public half");
  make->add_option("FILE", options->file, "Must not be there yet")->required();
  for (CLI::App* one : {all, make}) one->add_flag("--json", options->as_json, "As JSON");
  all->callback(
      [options, &exit_status] { exit_status = list_keys(options->config, options->as_json); });
  make->callback([options, &exit_status] {
    exit_status =
        new_key_file(options->file, "/etc/passwd", options->as_json, std::cout, std::cerr);
  });
}

}  // namespace passgate::cli
