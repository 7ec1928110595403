// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apdu/session.h"
#include "core/clock.h"
#include "daemon/card_visitor.h"
#include "daemon/gate_judge.h"
#include "daemon/pass_terms.h"
#include "daemon/stage_clock.h"
#include "daemon/tap_report.h"
#include "daemon/wallet_reader.h"
#include "gate/claim_ledger.h"
#include "gate/journal.h"
#include "gate/pass_mirror.h"
#include "gate/same_tap.h"
#include "hid/sink.h"
#include "runtime/log.h"

namespace passgate::daemon {

/// What a reader is for; from its `[[reader]]`.
struct ReaderRole {
  std::string name;
  std::string zone;
  gate::Direction direction = gate::Direction::entry;
  bool wedge = false;
  Milliseconds rearm{3000};
  std::vector<const PassTerms*> passes;  ///< Tried in this order.
};

/// The story of one tap, top to bottom, in `visit()`. One per reader, used by
/// that reader's thread; what it refers to is made in app.cpp and outlives it.
class TapFlow final : public CardVisitor {
 public:
  struct Parts {
    gate::Journal& journal;
    gate::ClaimLedger& claims;
    hid::Sink& keyboard;
    const Clock& clock;
    const runtime::Log& log;
    const std::vector<terms::CountedZone>& zones;
    std::function<void(const TapReport&)> publish;  ///< Thread-safe; must not block.
    std::filesystem::path passes_db;
    std::filesystem::path sync_sock;
    std::string terminal;
    std::string boot_id;
    Milliseconds claim_budget{100};
  };
  TapFlow(Parts parts, ReaderRole role);

  void visit(apdu::CardChannel& card, apdu::Lamp& lamp) noexcept override;

 private:
  struct Settled {
    const Presented* pass = nullptr;
    gate::Verdict verdict;
    gate::History history;
    gate::Guard guard;  ///< Under which an admission may be written.
    bool recorded = false;
  };

  Settled settle(const std::vector<Presented>& passes, TapReport& report);
  Result<Settled> judge(const std::vector<Presented>& passes, const TapReport& report);
  Result<Settled> judge_one(const Presented& pass, const TapReport& report);
  gate::TapRecord record_of(const Settled& settled, const TapReport& report) const;
  void claim(Settled& judged, const TapId& tap);
  Status record(const Settled& settled, TapReport& report);

  void act_at_gate(const Settled& settled, TapReport& report, apdu::Lamp& lamp);
  void act_in_wedge(const std::vector<Presented>& passes, TapReport& report, apdu::Lamp& lamp);
  void conclude_without_pass(const Result<apdu::Outcome>& outcome, TapReport& report,
                             apdu::Lamp& lamp);
  void conclude_unopened(const Presented& pass, TapReport& report, apdu::Lamp& lamp);
  Typed type(const Presented& pass);
  void note_effected(const TapId& tap);
  static void describe(const Settled& settled, TapReport& report);

  bool is_same_tap(const std::vector<Presented>& passes) const;
  void repeat_last(TapReport& report, apdu::Lamp& lamp);

  Parts parts_;
  ReaderRole role_;
  WalletReader wallet_;
  gate::PassMirror mirror_;
  GateJudge rules_;
  std::optional<gate::LastTap> last_;  ///< For rearm_ms.
  apdu::Signal last_signal_ = apdu::Signal::idle;
};

}  // namespace passgate::daemon
