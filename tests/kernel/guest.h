// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

namespace passgate::kernel {

/// How long anything in the guest may take; an emulated processor is slow.
inline constexpr std::chrono::seconds kPatience{20};

/// Looks again and again until it is so; false when it never was.
bool becomes_true(const std::function<bool()>& it);

/// Keeps this thread, and those it makes, on one processor. An emulated processor can
/// stand still for longer than any program stalls; who types must stand still
/// with it, or a reader that never slept loses keys.
void stay_on_one_processor();

/// Loads kernel modules, once; those built in or loaded already are no failure.
void load_modules(const std::string& names);

/// Runs a shell command; false when it fails.
bool run(const std::string& command);

/// Writes to a file of sysfs, configfs or procfs; false when the kernel refuses.
bool put(const std::filesystem::path& file, const std::string& content);

/// The first line of a file; empty when there is none.
std::string first_line(const std::filesystem::path& file);

/// The event node of the input device with this name, when it is there.
std::filesystem::path event_node(const std::string& device_name);
/// The same, waited for. Empty: it never came.
std::filesystem::path await_event_node(const std::string& device_name);

/// Whether the Caps Lock light of an event node is on.
bool lights_caps_lock(const std::filesystem::path& node);

}  // namespace passgate::kernel
