// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/result.h"
#include "sim/demo/demo_cloud.h"
#include "sim/demo/process.h"

namespace passgate::sim {

/// What the demo is made of, and where it is found.
struct DemoOptions {
  std::filesystem::path programs;  ///< Folder of passgated, passgate-syncd, passgate-sim.
  std::filesystem::path fixtures;  ///< Folder with taps/ and keys/ of the published capture.
  std::filesystem::path folder;    ///< For keys, state and logs; made, and removed unless kept.
  bool keep = false;
  std::string cloud = "passninja";            ///< A kind of DemoCloud.
  unsigned more_passes = 0;                   ///< Valid ones besides, see more_pass().
  std::vector<std::string> passgated_prefix;  ///< Put before passgated's command, e.g. a tracer.
  std::vector<std::pair<std::string, std::string>> passgated_environment;  ///< Added to its own.
};

/// The i-th of the passes that `more_passes` adds.
std::string more_pass(unsigned i);

/// Names the demo's parts agree on.
inline constexpr const char* kTicketType = "pass.com.example.ticket";
inline constexpr const char* kLoyaltyType = "pass.com.passkit.pksamples.nfcdemo";
inline constexpr const char* kValidPass = "838b8cf60dac2bfad9";
inline constexpr const char* kAndroidPass = "5c0d7e1f2a3b4c6d8e";
inline constexpr unsigned kDemoCollector = 20260101;
inline constexpr const char* kVoidedPass = "1f0e6a3b5c7d9e2f41";
inline constexpr const char* kExpiredPass = "2b44c1d9e8f7a6053c";

/// The whole system, running: a real pcscd with two virtual readers, a sandbox
/// cloud, a subscriber and both daemons, each a process of its own with its log
/// beside the others in `folder`. Ends in reverse order of start.
class Scene {
 public:
  Scene() = default;
  ~Scene() { stop(); }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  /// Writes keys, secrets and configuration, starts everything, waits until both
  /// readers wait for a card and the cloud's passes are mirrored.
  /// Errors: unreachable, deadline_exceeded; `trouble()` says which part.
  Status start(const DemoOptions& options);
  const std::string& trouble() const noexcept { return trouble_; }

  std::filesystem::path path(const std::string& name) const { return options_.folder / name; }
  std::filesystem::path program(const std::string& name) const { return options_.programs / name; }
  const std::string& card_socket(std::size_t reader) const { return cards_.at(reader); }
  const std::string& pcsc_socket() const noexcept { return pcsc_socket_; }
  const std::string& cloud_url() const noexcept { return cloud_url_; }
  /// Where passgate-syncd serves the screens.
  std::string http_url() const { return "http://" + hook_address_; }
  /// What passgated says of itself. Errors: as SocketClient.
  Result<nlohmann::json> status() const;
  const DemoCloud& cloud() const noexcept { return *cloud_; }
  /// The organiser voids a pass, in the way of that cloud.
  /// Errors: unreachable, rejected (HTTP status as detail).
  Status void_in_cloud(const std::string& serial) const;
  /// The lines a part has written to its log so far.
  std::vector<nlohmann::json> journal_of(const std::string& log) const;
  /// Ends everything. @return Names of the parts that did not end with status 0.
  std::vector<std::string> stop();

 private:
  Status write_files();
  void write(const std::string& name, const std::string& content) const;
  Status start_readers();
  Result<std::string> start_server(const std::string& name, std::vector<std::string> arguments);
  Status start_daemon(const std::string& name);
  Status wait_until_ready();

  void write_configuration() const;

  DemoOptions options_;
  const DemoCloud* cloud_ = demo_cloud("passninja");
  std::string hook_address_;  ///< Where passgate-syncd serves and takes pushes: IP:PORT.
  std::string trouble_;
  std::string pcsc_socket_;
  std::string cloud_url_;
  std::string subscriber_url_;
  std::vector<std::string> cards_;
  std::vector<std::pair<std::string, Process>> parts_;
};

}  // namespace passgate::sim
