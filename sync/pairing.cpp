// SPDX-License-Identifier: Apache-2.0
#include "sync/pairing.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "runtime/secrets.h"
#include "sync/state_folders.h"

namespace passgate::sync {

namespace {

std::filesystem::path pairing_file(const runtime::TerminalConfig& terminal,
                                   const std::string& provider) {
  return terminal.sync_state() / ("scanner-" + provider + ".json");
}

/// Beside the old one, then in its place: a cut-off write must not cost the
/// token, which is shown only once.
Status write_secret(const std::filesystem::path& path, ByteView text) {
  const auto fresh = path.string() + ".new";
  ::unlink(fresh.c_str());
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return fail(Errc::storage_unwritable, errno);
  const auto written = ::write(fd, text.data(), text.size());
  const bool whole = written >= 0 && static_cast<std::size_t>(written) == text.size();
  const bool synced = whole && ::fsync(fd) == 0;
  ::close(fd);
  if (!synced || ::rename(fresh.c_str(), path.c_str()) != 0) {
    return fail(Errc::storage_unwritable, errno);
  }
  return {};
}

}  // namespace

bool needs_pairing(const runtime::ProviderConfig& provider) {
  const auto& mode = provider.redeem.mode;
  return provider.kind == "passmint" && (mode == "scan" || mode == "both") &&
         !provider.redeem.token;
}

Result<PassmintPairing> read_pairing(const runtime::TerminalConfig& terminal,
                                     const std::string& provider) {
  runtime::SecretRef ref;
  ref.path = pairing_file(terminal, provider);
  const auto text = runtime::resolve(ref, {});
  if (!text) return std::unexpected(text.error());
  return read_stored_pairing(text->expose());
}

std::expected<std::string, std::string> pair(const runtime::Config& config,
                                             const std::string& provider, const SecretBytes& code,
                                             HttpClient& http) {
  const auto* found = config.provider(provider);
  if (found == nullptr) return std::unexpected(fmt::format("there is no provider '{}'", provider));
  if (!needs_pairing(*found)) {
    return std::unexpected(fmt::format(
        "provider '{}' needs no pairing: that is for passmint with redeem mode scan or both and "
        "no token",
        provider));
  }
  if (auto made = make_state_folders(config.terminal); !made) return std::unexpected(made.error());
  auto answer =
      http.perform(passmint_pair_request(found->base_url, text_of(code.expose()), found->timeout));
  auto pairing = answer ? read_passmint_pairing(std::move(*answer))
                        : Result<PassmintPairing>(std::unexpected(answer.error()));
  if (!pairing) {
    return std::unexpected(fmt::format("the provider did not pair ({}, {})",
                                       name(pairing.error().code()), pairing.error().detail()));
  }
  const auto path = pairing_file(config.terminal, provider);
  if (auto kept = write_secret(path, stored_text(*pairing).expose()); !kept) {
    return std::unexpected(fmt::format("{}: {}; the code is used up, make another one",
                                       path.string(),
                                       std::generic_category().message(kept.error().detail())));
  }
  return pairing->name;
}

}  // namespace passgate::sync
