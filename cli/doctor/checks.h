// SPDX-License-Identifier: Apache-2.0
// What `passgate doctor` looks at, a function for each thing. They change
// nothing but one file of check_disk's, which is removed again. A check that is
// of no concern to this terminal finds nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "cli/doctor/finding.h"
#include "cli/doctor/subject.h"

namespace passgate::cli::doctor {

// daemons.cpp
Findings check_configuration(const Subject& subject);
Findings check_passgated(const Subject& subject);
Findings check_syncd(const Subject& subject);
Findings check_clock(const Subject& subject);

// readers.cpp
Findings check_pcscd(const Subject& subject);
Findings check_readers(const Subject& subject);

// drivers.cpp: what stands between pcscd and the readers
Findings check_polkit(const Subject& subject);
Findings check_escape(const Subject& subject);
Findings check_pn533(const Subject& subject);

// keyboard.cpp
Findings check_keyboard(const Subject& subject);

// keys.cpp
Findings check_keys(const Subject& subject);

// pass_file.cpp
Findings check_pass_file(const Subject& subject);

// clouds.cpp
Findings check_providers(const Subject& subject);
Findings check_subscribers(const Subject& subject);

// disk.cpp
Findings check_disk(const Subject& subject);
/// @param free_bytes  For those who are not root.
Finding judge_space(const Subject& subject, std::uint64_t free_bytes);
/// @param times  Of one write that reached the disk, each; at least one.
Finding judge_sync(const Subject& subject, std::vector<std::chrono::microseconds> times);

// http.cpp
Findings check_http(const Subject& subject);

}  // namespace passgate::cli::doctor
