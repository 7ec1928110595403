// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "sim/reader/pcscd_process.h"

namespace passgate::sim {

/// Where the driver module lies, seen from the running program:
/// <program>/../lib/passgate/libifdpassgate-sim.so.
std::filesystem::path virtual_reader_driver();

/// Orders one fault (reader_fault.h) from the reader whose card socket is
/// `card`. Errors: bad_value (no such order), unreachable (no such reader).
Status order_fault(const std::filesystem::path& card, std::string_view order);

/// A real pcscd with virtual readers, in a folder of its own.
///
/// libpcsclite reads PCSCLITE_CSOCK_NAME once in a process. `start()` sets it,
/// so it comes before the process's first PC/SC call and before its threads;
/// and all rigs of one process, one after the other, use the same folder
/// (the default). Used by one thread, and pcscd dies with that thread.
class VirtualReaderRig {
 public:
  struct Options {
    /// Empty: <temporary folder>/passgate-rig-<pid>, removed at the end. Short:
    /// a socket's path has at most 107 characters.
    std::filesystem::path directory = {};
    unsigned readers = 1;  ///< 1..16
    /// pcscd appends a number to it: "Passgate Virtual Reader 00 00".
    std::string name = "Passgate Virtual Reader";
    std::filesystem::path driver = {};  ///< Empty: virtual_reader_driver().
    std::filesystem::path pcscd = "/usr/sbin/pcscd";
  };

  /// Returns when all readers are listed.
  /// Errors: bad_value (options), unreachable (with an errno: no pcscd, no
  /// driver, folder not writable, pcscd ended), deadline_exceeded.
  static Result<std::unique_ptr<VirtualReaderRig>> start(Options options);
  /// Ends pcscd and removes what the rig made.
  ~VirtualReaderRig();
  VirtualReaderRig(const VirtualReaderRig&) = delete;
  VirtualReaderRig& operator=(const VirtualReaderRig&) = delete;

  /// PC/SC names, in the order of `card()`.
  const std::vector<std::string>& names() const noexcept { return names_; }
  /// The socket a card of the i-th reader connects to (virtual_reader.h).
  std::filesystem::path card(std::size_t i) const;
  /// The file with one line of hex for each escape command of the i-th reader.
  std::filesystem::path lamp(std::size_t i) const;
  std::filesystem::path socket() const;
  pid_t pcscd_pid() const noexcept;
  /// Readable once pcscd has ended.
  int end_descriptor() const noexcept;

  /// Errors: as order_fault.
  Status fault(std::size_t i, std::string_view order) const;
  /// SIGKILL. Cards lose their connection.
  void kill() noexcept;
  /// After `kill()`: a new pcscd in the same place. Errors: as start.
  Status restart();

 private:
  explicit VirtualReaderRig(Options options) : options_(std::move(options)) {}
  Status write_reader_conf() const;
  Status launch();
  Status wait_until_listed();

  Options options_;
  bool owns_directory_ = false;
  std::vector<std::string> names_;
  std::optional<PcscdProcess> pcscd_;
};

}  // namespace passgate::sim
