// SPDX-License-Identifier: Apache-2.0
#include "sim/reader/pcscd_rig.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <system_error>

#include "apdu/pcsc/context.h"
#include "sim/reader/reader_fault.h"

namespace passgate::sim {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kMaxReaders = 16;
constexpr Milliseconds kStartTime{20'000};
constexpr Milliseconds kLook{5};
constexpr Milliseconds kEndGrace{500};

Status made(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(Errc::unreachable, error.value());
  return {};
}

}  // namespace

fs::path virtual_reader_driver() {
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error);
  return program.parent_path().parent_path() / "lib" / "passgate" / "libifdpassgate-sim.so";
}

Status order_fault(const fs::path& card, std::string_view order) {
  if (!parse_reader_fault(order)) return fail(Errc::bad_value);
  const std::string path = card.native() + ".ctl";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return fail(Errc::unreachable, ENAMETOOLONG);
  std::memcpy(address.sun_path, path.data(), path.size());
  const Descriptor sender(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!sender.valid()) return fail(Errc::unreachable, errno);
  const auto sent = ::sendto(sender.get(), order.data(), order.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (sent != static_cast<ssize_t>(order.size())) return fail(Errc::unreachable, errno);
  return {};
}

Result<std::unique_ptr<VirtualReaderRig>> VirtualReaderRig::start(Options options) {
  // reader.conf quotes the name, and pcscd cuts it at 128 characters.
  const bool name_fits = !options.name.empty() && options.name.size() <= 100 &&
                         options.name.find_first_of("\"\n") == std::string::npos;
  if (options.readers < 1 || options.readers > kMaxReaders || !name_fits) {
    return fail(Errc::bad_value);
  }
  std::unique_ptr<VirtualReaderRig> rig(new VirtualReaderRig(std::move(options)));
  auto& chosen = rig->options_;
  if (chosen.driver.empty()) chosen.driver = virtual_reader_driver();
  if (chosen.directory.empty()) {
    std::error_code error;
    chosen.directory = fs::temp_directory_path(error) / fmt::format("passgate-rig-{}", ::getpid());
    fs::remove_all(chosen.directory, error);
    rig->owns_directory_ = true;
  }
  if (!fs::exists(chosen.driver)) return fail(Errc::unreachable, ENOENT);
  if (auto done = made(chosen.directory / "conf"); !done) return std::unexpected(done.error());
  chosen.directory = fs::canonical(chosen.directory);
  chosen.driver = fs::canonical(chosen.driver);
  if (auto done = rig->write_reader_conf(); !done) return std::unexpected(done.error());
  ::setenv("PCSCLITE_CSOCK_NAME", rig->socket().c_str(), 1);
  if (auto done = rig->launch(); !done) return std::unexpected(done.error());
  return rig;
}

VirtualReaderRig::~VirtualReaderRig() {
  if (pcscd_) {
    // A transmit that hangs would keep pcscd from ending in an orderly way.
    for (std::size_t i = 0; i < options_.readers; ++i) std::ignore = fault(i, "resume");
    pcscd_->end(kEndGrace);
  }
  std::error_code error;
  if (owns_directory_) {
    fs::remove_all(options_.directory, error);
    return;
  }
  for (std::size_t i = 0; i < options_.readers; ++i) {
    fs::remove(card(i), error);
    fs::remove(card(i).native() + ".ctl", error);
  }
  fs::remove(socket(), error);
  fs::remove(options_.directory / "conf" / "readers", error);
  fs::remove(options_.directory / "conf", error);
}

fs::path VirtualReaderRig::card(std::size_t i) const {
  return options_.directory / fmt::format("r{}", i);
}

fs::path VirtualReaderRig::lamp(std::size_t i) const {
  return card(i).native() + ".lamp";
}

fs::path VirtualReaderRig::socket() const {
  return options_.directory / "pcscd.comm";
}

pid_t VirtualReaderRig::pcscd_pid() const noexcept {
  return pcscd_ ? pcscd_->pid() : 0;
}

int VirtualReaderRig::end_descriptor() const noexcept {
  return pcscd_ ? pcscd_->end_descriptor() : -1;
}

Status VirtualReaderRig::fault(std::size_t i, std::string_view order) const {
  return order_fault(card(i), order);
}

void VirtualReaderRig::kill() noexcept {
  pcscd_.reset();
}

Status VirtualReaderRig::restart() {
  pcscd_.reset();
  return launch();
}

Status VirtualReaderRig::write_reader_conf() const {
  std::ofstream conf(options_.directory / "conf" / "readers", std::ios::trunc);
  for (std::size_t i = 0; i < options_.readers; ++i) {
    conf << fmt::format(
        "FRIENDLYNAME \"{}\"\nDEVICENAME /dev/null:{}\nLIBPATH {}\nCHANNELID {}\n\n", options_.name,
        card(i).native(), options_.driver.native(), i);
  }
  conf.close();
  if (!conf) return fail(Errc::unreachable, EIO);
  return {};
}

Status VirtualReaderRig::launch() {
  auto started = PcscdProcess::start(
      {options_.pcscd, options_.directory / "conf", socket(), options_.directory / "pcscd.log"});
  if (!started) return std::unexpected(started.error());
  pcscd_.emplace(std::move(*started));
  return wait_until_listed();
}

Status VirtualReaderRig::wait_until_listed() {
  const auto deadline = std::chrono::steady_clock::now() + kStartTime;
  while (std::chrono::steady_clock::now() < deadline) {
    if (const auto context = apdu::pcsc::Context::establish()) {
      const auto listed = context->readers();
      if (listed && listed->size() == options_.readers) {
        names_ = *listed;
        std::ranges::sort(names_);
        return {};
      }
    }
    if (pcscd_->ended(kLook)) return fail(Errc::unreachable, ECHILD);
  }
  return fail(Errc::deadline_exceeded);
}

}  // namespace passgate::sim
