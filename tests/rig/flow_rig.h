// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/guarded.h"
#include "crypto/vas_phone.h"
#include "daemon/tap_flow.h"
#include "gate/journal.h"
#include "hid/open_sink.h"
#include "runtime/system_clock.h"
#include "sim/tap/phone_channel.h"
#include "sim/tap/virtual_android.h"
#include "sim/tap/virtual_iphone.h"

namespace passgate::test {

/// A clock that stands until it is told otherwise; its monotonic side runs, so
/// that conversations have deadlines. Set it before threads use it.
class StandingClock final : public Clock {
 public:
  WallTime now() const override { return time; }
  MonoTime monotonic() const override { return std::chrono::steady_clock::now() + skipped; }
  ClockState state() const override { return health; }
  std::optional<Milliseconds> error_bound() const override { return error; }

  WallTime time{std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(19)};
  std::chrono::milliseconds skipped{0};
  ClockState health = ClockState::synchronised;
  std::optional<Milliseconds> error = {};
};

/// A lamp that remembers what it showed.
class RecordingLamp final : public apdu::Lamp {
 public:
  void show(apdu::Signal signal) noexcept override { shown.push_back(signal); }
  std::vector<apdu::Signal> shown;
};

/// Everything a tap needs but pcscd: real keys, real journal file, real text
/// sink, in a folder of the test's. One pass template, as many readers as asked.
class FlowRig {
 public:
  struct Options {
    bool wedge = false;
    std::string provider;  ///< Empty: validity is not checked.
    std::string type = "{pass_id}\n";
    std::string pattern = "^(?P<pass_id>[0-9a-z]+)$";
    /// A second template with the same keys, tried after the first.
    std::string second_pattern = {};
    std::vector<std::string> display = {};
    gate::PassPolicy policy;
    std::vector<terms::CountedZone> zones = {};  ///< Its readers are in "north".
    /// What Google's wallet is asked for.
    std::vector<apdu::ServiceType> services = {apdu::ServiceType::all};
    int synchronous = 2;
    std::string vfs;  ///< For faults of the disk.
    Milliseconds rearm{0};
    /// Has a template's Apple keys, asked at "sync.sock" in the folder.
    std::shared_ptr<const daemon::RemoteService> remote = {};
    std::size_t remote_template = 0;  ///< 0: the first, 1: the second.
    runtime::Level log = runtime::Level::error;
    const Clock* clock = nullptr;  ///< Absent: the rig's StandingClock.
  };
  FlowRig(const std::filesystem::path& folder, Options options);

  /// A flow of its own for another reader of the same terminal.
  std::unique_ptr<daemon::TapFlow> flow(const std::string& reader,
                                        gate::Direction direction = gate::Direction::entry);

  /// One tap at the reader "north-1"; @return its report.
  daemon::TapReport tap(sim::Phone& phone);
  /// A phone that holds one pass with this payload.
  std::unique_ptr<sim::VirtualIphone> phone(const std::string& payload,
                                            sim::IphoneOptions options = {}) const;
  /// The same pass in Google's wallet: one object with this service number.
  std::unique_ptr<sim::VirtualAndroid> android(const std::string& service_number,
                                               sim::AndroidOptions options = {}) const;
  SecretBytes key() const;  ///< A copy of the terminal's key, PEM.
  std::string typed() const;
  const std::vector<daemon::PassTerms>& terms() const { return terms_; }

  StandingClock clock;
  RecordingLamp lamp;
  std::optional<gate::Journal> journal;
  Guarded<std::vector<daemon::TapReport>> reports;

 private:
  const Clock& time() const { return options_.clock != nullptr ? *options_.clock : clock; }

  std::filesystem::path folder_;
  Options options_;
  SecretBytes key_;
  runtime::Log log_;
  gate::AloneLedger claims_;
  std::unique_ptr<hid::Sink> sink_;
  std::vector<daemon::PassTerms> terms_;
  std::unique_ptr<daemon::TapFlow> north_;
};

inline constexpr const char* kRigPassType = "pass.com.example.rig";
inline constexpr CollectorId kRigCollector{20260101};
inline constexpr const char* kRigTemplate = "ptk_rig";
inline constexpr const char* kRigSecondTemplate = "ptk_rig_2";

}  // namespace passgate::test
