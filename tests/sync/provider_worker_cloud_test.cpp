// SPDX-License-Identifier: Apache-2.0
// What the worker does for any cloud: memos, places in a sweep, changes, pushes,
// rate limits. The cloud is a made-up one whose every answer is in the test.
#include <fmt/format.h>

#include <functional>

#include "gate/pass_mirror.h"
#include "sync/provider/verdict.h"
#include "sync/provider_worker.h"
#include "sync/redemption.h"
#include "sync/webhook/push.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using gate::PassState;
using std::chrono::seconds;

const Destination kRedemptions{JobKind::redemption, "main"};
const Destination kPushes{JobKind::push, "main"};
constexpr const char* kTap = "019a9c3e-7b1f-7a52-9b0e-000000000001";

MirrorRow row(std::string name, PassState state = PassState::valid) {
  return {name, "id-" + name, state, std::nullopt, std::nullopt};
}

HttpRequest to(std::string url) {
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

TEST_F(ProviderWorkerCloudTest, ARestartInMidSweepGoesOnBehindTheLastPageStored) {
  restart();
  http.script = {answer(200, "a"), answer(200, "b")};
  steps(2);
  restart();
  http.script = {answer(200, "c"), answer(200, "end")};
  steps(2);
  EXPECT_EQ(urls(), (std::vector<std::string>{"all/", "all/a", "all/b", "all/c"}));
  for (const auto* name : {"a", "b", "c"}) EXPECT_EQ(state(name), PassState::valid) << name;
  EXPECT_EQ(gate.look_up("main", "tmpl", "a").swept_at, clock.now());
}

TEST_F(ProviderWorkerCloudTest, ShowsHowFarASweepIs) {
  restart();
  http.script = {answer(200, "a"), answer(200, "b")};
  steps(2);
  ASSERT_TRUE(worker->report().sweep);
  EXPECT_EQ(worker->report().sweep->rows, 2U);
  EXPECT_EQ(worker->report().sweep->total, 3U);
  restart();
  http.script = {answer(200, "c")};
  steps(1);
  EXPECT_EQ(worker->report().sweep->rows, 3U);
  http.script = {answer(200, "end")};
  steps(1);
  EXPECT_FALSE(worker->report().sweep);
}

TEST_F(ProviderWorkerCloudTest, FetchesOnlyWhatChangedUntilTheFullSweepIsDue) {
  sweep_all();
  clock.advance(seconds(300));
  http.script = {answer(200, "b"), answer(200, "end")};
  steps(2);
  EXPECT_EQ(urls(), (std::vector<std::string>{"since/later", "since/b"}));
  EXPECT_EQ(state("a"), PassState::valid) << "not among the changes, and still there";
  EXPECT_EQ(gate.look_up("main", "tmpl", "a").swept_at, clock.now());
  clock.advance(seconds(3600));
  http.asked.clear();
  http.script = {answer(200, "a"), answer(200, "end")};
  steps(2);
  EXPECT_EQ(urls().front(), "all/");
  EXPECT_EQ(state("b"), PassState::voided);
}

TEST_F(ProviderWorkerCloudTest, SeesEverythingAgainWhenAskingForChangesFailsOrTheClockWentBack) {
  sweep_all();
  clock.advance(seconds(300));
  http.script = {answer(404, "")};
  steps(1);
  clock.advance(seconds(300));
  http.script = {answer(200, "a"), answer(200, "b"), answer(200, "end")};
  steps(3);
  EXPECT_EQ(urls()[1], "all/");
  clock.advance(seconds(300));
  clock.wall -= std::chrono::hours(48);
  http.asked.clear();
  http.script = {answer(200, "a")};
  steps(1);
  EXPECT_EQ(urls().front(), "all/");
}

TEST_F(ProviderWorkerCloudTest, AsksAboutAPassThatWasPushed) {
  sweep_all();
  push(about("b"));
  http.script = {answer(200, "b")};
  steps(1);
  EXPECT_EQ(urls(), (std::vector<std::string>{"one/id-b"}));
  EXPECT_EQ(state("b"), PassState::expired);
  push(about("b"));
  steps(1);
  EXPECT_EQ(urls().size(), 1U) << "the same event again is no work";
}

TEST_F(ProviderWorkerCloudTest, APushedPassThatIsGoneIsVoided) {
  sweep_all();
  push(about("b"));
  http.script = {answer(404)};
  steps(1);
  EXPECT_EQ(state("b"), PassState::voided);
  EXPECT_EQ(state("a"), PassState::valid);
}

TEST_F(ProviderWorkerCloudTest, BelievesAPushOnlyWhereTheCloudCannotBeAsked) {
  sweep_all();
  auto told = about("b");
  told.told = PassState::voided;
  push(told);
  http.script = {answer(200, "b")};
  steps(1);
  EXPECT_EQ(state("b"), PassState::expired) << "what the cloud says when asked";
  cloud.has_look_up = false;
  told.dedup_key = "another";
  push(told);
  steps(1);
  EXPECT_EQ(state("b"), PassState::voided);
}

TEST_F(ProviderWorkerCloudTest, FindsThePassOfAPushThatOnlyKnowsItsId) {
  sweep_all();
  auto bare = about("b");
  bare.pass_template.clear();
  bare.pass.serial.clear();
  bare.told = PassState::voided;
  cloud.has_look_up = false;
  push(bare);
  steps(1);
  EXPECT_EQ(state("b"), PassState::voided);
}

TEST_F(ProviderWorkerCloudTest, SwallowsTheEchoOfItsOwnWriteOnce) {
  sweep_all();
  owe();
  http.script = {answer(200)};
  steps(1);
  auto echo = about("a");
  echo.may_be_echo = true;
  echo.tap_id = kTap;
  push(echo);
  steps(1);
  EXPECT_EQ(urls().size(), 1U) << "nobody was asked about our own write";
  EXPECT_EQ(worker->report().echoes, 1U);
  echo.dedup_key = "the organiser's change, which still carries our mark";
  push(echo);
  http.script = {answer(200, "a")};
  steps(1);
  EXPECT_EQ(urls().back(), "one/id-a");
}

TEST_F(ProviderWorkerCloudTest, APushOfAnotherScannerIsNoEcho) {
  sweep_all();
  owe();
  http.script = {answer(200)};
  steps(1);
  auto other = about("a");
  other.may_be_echo = true;
  other.device = "not ours";
  push(other);
  http.script = {answer(200, "a")};
  steps(1);
  EXPECT_EQ(urls().back(), "one/id-a");
}

TEST_F(ProviderWorkerCloudTest, APushThatCannotBeLookedIntoDoesNotStayForEver) {
  sweep_all();
  push(about("b"));
  for (int i = 0; i < 8; ++i) http.script.emplace_back(answer(500));
  for (int i = 0; i < 8; ++i) steps(1), clock.advance(seconds(10));
  EXPECT_TRUE(http.script.empty());
  EXPECT_EQ(outbox->backlog(kPushes)->open, 0U);
}

TEST_F(ProviderWorkerCloudTest, ReadsBeforeItWritesAgainAfterALostAnswer) {
  sweep_all();
  owe();
  http.script = {fail(Errc::connection_lost), answer(200, "there")};
  steps(3);
  EXPECT_EQ(urls(), (std::vector<std::string>{"write/id-a/a", "read/id-a/a"}));
  EXPECT_EQ(outbox->backlog(kRedemptions)->open, 0U);
}

TEST_F(ProviderWorkerCloudTest, ReadsBeforeItWritesAgainAfterACrashInMidWrite) {
  sweep_all();
  owe();
  http.script = {fail(Errc::stopped)};  // As if killed between the send and the answer.
  steps(1);
  outbox.reset();
  outbox.emplace(std::move(Outbox::open(folder / "outbox.db").value()));
  restart();
  http.script = {answer(200, "none"), answer(200)};
  steps(1);
  EXPECT_EQ(urls(), (std::vector<std::string>{"write/id-a/a", "read/id-a/a", "write/id-a/a"}));
}

TEST_F(ProviderWorkerCloudTest, HasNoDoubtAfterAnOutageInWhichNothingLeft) {
  sweep_all();
  owe();
  http.script = {fail(Errc::unreachable), answer(200)};
  steps(3);
  EXPECT_EQ(urls(), (std::vector<std::string>{"write/id-a/a", "write/id-a/a"}));
  EXPECT_TRUE(http.asked.front().once) << "libcurl must not send it again by itself";
}

TEST_F(ProviderWorkerCloudTest, ReportsWhatNobodyCanKnowAndKeepsIt) {
  sweep_all();
  owe();
  http.script = {answer(200, "nobody knows")};
  steps(1);
  const auto backlog = outbox->backlog(kRedemptions);
  EXPECT_EQ(backlog->open, 0U);
  EXPECT_EQ(backlog->failed, 0U);
  EXPECT_EQ(backlog->ambiguous, 1U);
}

TEST_F(ProviderWorkerCloudTest, TakesAUseBackWhenItIsToldTo) {
  sweep_all();
  auto tap = tap_at(1, "a");
  tap.pass_template = "tmpl";
  auto job = redemption(undo_body(redemption_body(tap)).value());
  job.event_id = undo_event_id(kTap);
  ASSERT_EQ(outbox->enqueue(job, clock.now(), times.at(clock.mono)), true);
  http.script = {answer(200)};
  steps(1);
  EXPECT_EQ(urls(), (std::vector<std::string>{"write/undo/a"}));
}

TEST_F(ProviderWorkerCloudTest, WaitsForTheWindowWhenNoRequestIsLeft) {
  restart();
  http.script = {answer(200, "a", {{"ratelimit", "\"d\";r=0;t=30"}})};
  worker->step();
  EXPECT_EQ(worker->step() - clock.mono, seconds(30));
  EXPECT_EQ(urls().size(), 1U);
}

TEST_F(ProviderWorkerCloudTest, KeepsTheLastRequestsOfAWindowForRedemptions) {
  restart();
  http.script = {answer(
      200, "a", {{"ratelimit-policy", "\"d\";q=100;w=60"}, {"ratelimit", "\"d\";r=9;t=30"}})};
  worker->step();
  EXPECT_EQ(worker->step() - clock.mono, seconds(30)) << "the sweep waits";
  owe();
  http.script = {answer(200)};
  worker->step();
  EXPECT_EQ(urls().back(), "write/id-a/a") << "a redemption does not";
}

}  // namespace
}  // namespace passgate::sync::test
