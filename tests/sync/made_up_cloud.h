// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gate/pass_mirror.h"
#include "sync/provider/verdict.h"
#include "sync/provider_worker.h"
#include "sync/redemption.h"
#include "sync/webhook/push.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {

using gate::PassState;
using std::chrono::seconds;

inline const Destination kRedemptions{JobKind::redemption, "main"};
inline const Destination kPushes{JobKind::push, "main"};
inline constexpr const char* kTap = "019a9c3e-7b1f-7a52-9b0e-000000000001";

inline MirrorRow row(std::string name, PassState state = PassState::valid) {
  return {name, "id-" + name, state, std::nullopt, std::nullopt};
}

inline HttpRequest to(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}

/// One row a page, named as the answer's body; "end" ends.
class LineSweep final : public SweepSession {
 public:
  LineSweep(std::string from, std::string place)
      : from_(std::move(from)), place_(std::move(place)) {}
  HttpRequest request() const override { return to(from_ + place_); }
  SweepStep take(const HttpAnswer& answer, WallTime now) override {
    if (auto failure = failure_of(answer, now)) return *failure;
    PassPage page{.rows = {}, .unmapped = 0, .checkpoint = "", .total = 3};
    if (answer.body == "end") return LastPage{.page = page, .distinct = 0, .since = "later"};
    page.rows = {row(answer.body)};
    page.checkpoint = place_ = answer.body;
    return page;
  }

 private:
  std::string from_;
  std::string place_;
};

/// GET of one pass: 200 and its name, or 404.
class OneLookUp final : public LookUpSession {
 public:
  explicit OneLookUp(std::string id) : id_(std::move(id)) {}
  LookUpStep start() override { return to("one/" + id_); }
  LookUpStep take(const HttpAnswer& answer, WallTime now) override {
    if (answer.status == 404) return Gone{};
    if (auto failure = failure_of(answer, now)) return *failure;
    return row(answer.body, PassState::expired);
  }

 private:
  std::string id_;
};

/// Reads before it writes when it may have written: answers "there" or "none".
class CarefulRedeem final : public RedeemSession {
 public:
  CarefulRedeem(std::string what, std::string_view memo) : what_(std::move(what)), memo_(memo) {}
  RedeemStep start() override {
    if (!memo_.empty()) return Send{to("read/" + what_), std::nullopt};
    return Send{to("write/" + what_), "sent"};
  }
  RedeemStep take(const Result<HttpAnswer>& answer, WallTime now) override {
    if (!answer) return failure_of(answer.error());
    if (answer->body == "none") return Send{to("write/" + what_), "sent"};
    if (answer->body == "nobody knows") return Recorded{.certain = false};
    if (auto failure = failure_of(*answer, now)) return *failure;
    return Recorded{};
  }

 private:
  std::string what_;
  std::string memo_;
};

class MadeUpCloud final : public Provider {
 public:
  bool has_look_up = true;

  std::unique_ptr<SweepSession> sweep(const ProviderTemplate&,
                                      std::string_view checkpoint) const override {
    return std::make_unique<LineSweep>("all/", std::string(checkpoint));
  }
  std::unique_ptr<SweepSession> changes(const ProviderTemplate&,
                                        std::string_view since) const override {
    return std::make_unique<LineSweep>("since/", std::string(since));
  }
  std::unique_ptr<LookUpSession> look_up(const ProviderTemplate&,
                                         const PassNames& pass) const override {
    if (!has_look_up) return nullptr;
    return std::make_unique<OneLookUp>(pass.id);
  }
  bool redeems() const override { return true; }
  std::unique_ptr<RedeemSession> redeem(const RedemptionOrder& order,
                                        std::string_view memo) const override {
    return std::make_unique<CarefulRedeem>(order.provider_id + "/" + order.pass_id, memo);
  }
  std::unique_ptr<RedeemSession> undo(const RedemptionOrder& order,
                                      std::string_view memo) const override {
    return std::make_unique<CarefulRedeem>("undo/" + order.pass_id, memo);
  }
};

struct ProviderWorkerCloudTest : ::testing::Test {
  TempDir folder;
  ManualClock clock;
  SteadyWall times{clock};
  runtime::Log log{false, runtime::Level::error};
  FakeHttp http;
  MadeUpCloud cloud;
  std::optional<Outbox> outbox = std::move(Outbox::open(folder / "outbox.db").value());
  std::optional<PassesStore> passes = std::move(PassesStore::open(folder / "passes.db").value());
  gate::PassMirror gate{folder / "passes.db"};
  std::optional<ProviderWorker> worker;
  std::uint64_t position = 0;

  /// A process of its own each time: nothing but the disk is kept.
  void restart(std::vector<ProviderTemplate> templates = {{"tmpl", "serial"}}) {
    worker.emplace(ProviderWorker::Settings{.name = "main",
                                            .templates = std::move(templates),
                                            .refresh = seconds(300),
                                            .full_refresh = seconds(3600),
                                            .max_rps = 1000,
                                            .retry_base = Milliseconds(10),
                                            .own_device = "ours"},
                   ProviderWorker::Parts{.provider = cloud,
                                         .http = http,
                                         .outbox = *outbox,
                                         .passes = *passes,
                                         .clock = clock,
                                         .times = times,
                                         .log = log,
                                         .random = [] { return 0.5; }});
  }
  void steps(int count) {
    for (int i = 0; i < count; ++i) {
      const auto due = worker->step();
      if (due > clock.mono && due - clock.mono < seconds(60)) {
        clock.advance(std::chrono::ceil<Milliseconds>(due - clock.mono));
      }
    }
  }
  std::vector<std::string> urls() const {
    std::vector<std::string> all;
    for (const auto& request : http.asked) all.push_back(request.url);
    return all;
  }
  NewJob redemption(std::string body) {
    return {.to = kRedemptions,
            .pass_key = "tmpl/a",
            .event_id = redemption_event_id(kTap),
            .body = std::move(body),
            .position = ++position};
  }
  void owe() {
    auto tap = tap_at(1, "a");
    tap.pass_template = "tmpl";
    const std::vector jobs{redemption(redemption_body(tap))};
    ASSERT_TRUE(outbox->store(jobs, position, clock.now(), times.at(clock.mono)));
  }
  void push(Push push) {
    const NewJob job{.to = kPushes,
                     .pass_key = push.pass.id,
                     .event_id = push.dedup_key,
                     .body = push_body(push),
                     .position = 0};
    ASSERT_TRUE(outbox->enqueue(job, clock.now(), times.at(clock.mono)));
  }
  static Push about(std::string name) {
    Push push;
    push.dedup_key = "evt_" + name;
    push.type = "pass.updated";
    push.pass_template = "tmpl";
    push.pass = {.id = "id-" + name, .serial = name, .code = ""};
    return push;
  }
  PassState state(std::string_view name) { return gate.look_up("main", "tmpl", name).state; }
  /// One full sweep of "a" and "b".
  void sweep_all() {
    http.script = {answer(200, "a"), answer(200, "b"), answer(200, "end")};
    restart();
    steps(3);
    http.asked.clear();
  }
};

}  // namespace passgate::sync::test
