// SPDX-License-Identifier: Apache-2.0
#include "sim/demo/demo.h"

#include <fmt/format.h>
#include <poll.h>
#include <sysexits.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "runtime/signals.h"
#include "runtime/socket_client.h"
#include "sim/demo/demo_taps.h"

namespace passgate::sim {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr Milliseconds kTapBudget = 15s;
constexpr Milliseconds kDeliveryBudget = 15s;

MonoTime in(Milliseconds budget) {
  return std::chrono::steady_clock::now() + budget;
}

/// What a person sees of control characters.
std::string visible(const std::string& text) {
  std::string shown;
  for (const char c : text) shown += c == '\n' ? std::string("⏎") : std::string(1, c);
  return shown;
}

class Demo {
 public:
  explicit Demo(const DemoOptions& options) : options_(options) {}

  int run() {
    fmt::print(
        "starting pcscd with two virtual readers, a sandbox cloud ({}), a webhook subscriber,\n"
        "passgate-syncd and passgated in {}\n\n",
        options_.cloud, options_.folder.string());
    if (const Status started = scene_.start(options_); !started) {
      fmt::print(stderr, "the scene did not start: {} ({})\n", scene_.trouble(),
                 name(started.error().code()));
      return EX_UNAVAILABLE;
    }
    const bool right = tap_all() && check_deliveries();
    if (options_.keep) wait_for_a_person();
    const std::vector<std::string> unclean = scene_.stop();
    for (const std::string& part : unclean) fmt::print("{} did not end cleanly\n", part);
    fmt::print("\n{}\n", right && unclean.empty() ? "every outcome was the right one"
                                                  : "NOT every outcome was the right one");
    return right && unclean.empty() ? EX_OK : EXIT_FAILURE;
  }

 private:
  bool tap_all() {
    auto feed = runtime::SocketClient::connect(scene_.path("run/core/control.sock"));
    if (!feed || !feed->ask({{"type", "follow"}}, 5s)) {
      fmt::print(stderr, "passgated does not say what it does\n");
      return false;
    }
    bool right = true;
    for (const DemoTap& tap : demo_taps(scene_, options_.fixtures)) {
      if (tap.reason == "voided") right = void_one_pass() && right;
      right = tap_once(tap, *feed) && right;
    }
    return right;
  }

  bool tap_once(const DemoTap& tap, runtime::SocketClient& feed) {
    const std::string before = typed_so_far();
    std::vector<std::string> command = {scene_.program("passgate-sim"), "tap", "--reader",
                                        scene_.card_socket(tap.reader)};
    command.insert(command.end(), tap.phone.begin(), tap.phone.end());
    auto phone = Process::start(
        {.command = command, .environment = {}, .log = scene_.path("log/phones.log")});
    const auto message = next_tap(feed);
    if (!phone || !message) {
      fmt::print("{:<28} nothing happened\n", tap.title);
      return false;
    }
    const bool phone_ok = phone->wait(kTapBudget) == 0;
    return compare(tap, message->at("tap"), typed_so_far().substr(before.size()), phone_ok);
  }

  /// How the terminal is comes in between.
  static Result<json> next_tap(runtime::SocketClient& feed) {
    const MonoTime deadline = in(kTapBudget);
    for (;;) {
      auto message = feed.receive(deadline);
      if (!message || message->value("type", "") == "tap") return message;
    }
  }

  static bool compare(const DemoTap& tap, const json& report, const std::string& typed,
                      bool phone_ok) {
    const auto decision = report.value("decision", "");
    const auto reason = report.value("reason", "");
    const bool right =
        phone_ok && decision == tap.decision && reason == tap.reason && typed == tap.typed;
    const json us = report.value("stages_us", json::object());
    fmt::print(
        "{:<26} {:<6} {:<8} {:<5} {:<16} {:<25} own {:>5} us: session {}, open {}, decide {}, "
        "journal {}{}\n",
        tap.title, report.value("wallet", "-"), report.value("reader", ""), decision, reason,
        typed.empty() ? "-" : "\"" + visible(typed) + "\"", us.value("own", 0),
        us.value("session", 0), us.value("open", 0), us.value("decide", 0), us.value("journal", 0),
        right ? "" : "   WRONG");
    if (!right) {
      fmt::print("    expected {} {} typed \"{}\"{}\n", tap.decision, tap.reason,
                 visible(tap.typed), phone_ok ? "" : "; the phone saw an error");
    }
    std::fflush(stdout);
    return right;
  }

  std::string typed_so_far() const {
    std::ostringstream text;
    text << std::ifstream(scene_.path("typed.txt")).rdbuf();
    return text.str();
  }

  /// The pass is voided in the cloud while we run; wait until a sweep that
  /// began after that is complete, as it would long be at a gate.
  bool void_one_pass() {
    const std::size_t before = lists_asked();
    if (!scene_.void_in_cloud(kVoidedPass)) return false;
    // The third list after it begins only when the second, which cannot have
    // begun before it, was taken over.
    const std::size_t more = 3 * scene_.cloud().requests_of_a_sweep;
    return wait_until([&] { return lists_asked() >= before + more; });
  }

  std::size_t lists_asked() const {
    std::size_t count = 0;
    for (const json& line : scene_.journal_of("log/cloud.jsonl")) {
      if (line.value("method", "") == "GET") ++count;
    }
    return count;
  }

  /// Each admission must reach the cloud once, and the backend as two events.
  bool check_deliveries() {
    const auto& cloud = scene_.cloud();
    const auto uses = [&](const char* pass) {
      std::size_t count = 0;
      for (const json& line : scene_.journal_of("log/cloud.jsonl")) {
        const bool ours = line.value("path", "").ends_with(pass + cloud.use_path_end);
        const int status = line.at("status").is_number() ? line.at("status").get<int>() : 0;
        if (line.value("method", "") == cloud.use_method && ours && status / 100 == 2) ++count;
      }
      return count;
    };
    const auto verified = [&](const std::string& type) {
      std::size_t count = 0;
      for (const json& line : scene_.journal_of("log/subscriber.jsonl")) {
        if (line.value("verified", false) && line.value("type", "") == type) ++count;
      }
      return count;
    };
    // Nine taps gave a pass: eight at the gate, one at the till.
    wait_until([&] {
      return uses(kValidPass) + uses(kAndroidPass) >= 2 && verified("passgate.pass.scanned") >= 9;
    });
    const std::size_t scanned = verified("passgate.pass.scanned");
    const std::size_t redeemed = verified("passgate.pass.redeemed");
    fmt::print(
        "\nsandbox cloud: {} redemptions recorded; backend: {} scanned and {} redeemed events, "
        "signatures verified\n",
        uses(kValidPass) + uses(kAndroidPass), scanned, redeemed);
    return uses(kValidPass) == 1 && uses(kAndroidPass) == 1 && scanned == 9 && redeemed == 2;
  }

  template <class Condition>
  static bool wait_until(Condition holds) {
    const MonoTime deadline = in(kDeliveryBudget);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(20ms);
    }
    return true;
  }

  void wait_for_a_person() const {
    const std::string sim = scene_.program("passgate-sim");
    const std::string cli = scene_.program("passgate");
    const std::string config = scene_.path("passgate.toml");
    fmt::print(
        "\nthe system stays up; end it with Ctrl-C. In another terminal:\n\n"
        "  watch    {0} taps -f --config {1}\n"
        "  look     {0} status --config {1}\n"
        "  iPhone   {2} tap --reader {3} --pass-type-id {4} --key {5} --payload {6}\n"
        "  Android  {2} tap --reader {3} --wallet google --collector-id {11} --key {12}"
        " --object-type event_ticket --payload {6}\n"
        "  till     {2} tap --reader {7} --replay {8}\n"
        "  typed    tail -f {9}\n"
        "  gate     {14}/gate?reader=north-1 in a browser\n"
        "  operator {14}/ there too; name operator, key in {15}\n"
        "  cloud    {13}/_sim/ there too\n"
        "  logs     {10}\n\n",
        cli, config, sim, scene_.card_socket(0), kTicketType,
        scene_.path("keys/ticket.pem").string(), kValidPass, scene_.card_socket(1),
        (options_.fixtures / "taps/vas_real_kormax_trace.apdu").string(),
        scene_.path("typed.txt").string(), scene_.path("log").string(), kDemoCollector,
        scene_.path("keys/collector.pem").string(), scene_.cloud_url(), scene_.http_url(),
        scene_.path("secrets/operator").string());
    std::fflush(stdout);
    const runtime::SignalFd signals{SIGINT, SIGTERM};
    ::pollfd waiting{signals.fd(), POLLIN, 0};
    while (::poll(&waiting, 1, -1) < 0) {
    }
  }

  DemoOptions options_;
  Scene scene_;
};

std::filesystem::path own_folder() {
  std::error_code problem;
  return std::filesystem::read_symlink("/proc/self/exe", problem).parent_path();
}

}  // namespace

int run_demo(const DemoOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);
  DemoOptions made = options;
  made.fixtures = std::filesystem::absolute(options.fixtures);  // For the lines a person copies.
  std::string pattern = (std::filesystem::temp_directory_path() / "passgate-demo-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    fmt::print(stderr, "no temporary folder: {}\n", pattern);
    return EX_CANTCREAT;
  }
  made.folder = pattern;
  const int result = Demo(made).run();
  if (result == EX_OK) {
    std::filesystem::remove_all(made.folder);
  } else {
    fmt::print("state and logs are kept in {}\n", made.folder.string());
  }
  return result;
}

void add_demo(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<DemoOptions>();
  options->programs = own_folder();
  CLI::App* command = app.add_subcommand("demo", "The whole system on one screen");
  command->add_flag("--keep", options->keep, "Leave it running and say how to tap by hand");
  command->add_option("--cloud", options->cloud, "Whose sandbox")
      ->check(CLI::IsMember(demo_cloud_kinds()))
      ->capture_default_str();
  command->add_option("--fixtures", options->fixtures, "Folder of the published recording")
      ->required();
  command->add_option("--programs", options->programs, "Folder of the programs");
  command->callback([options, &exit_status] { exit_status = run_demo(*options); });
}

}  // namespace passgate::sim
