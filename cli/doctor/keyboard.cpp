// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/doctor/checks.h"
#include "cli/doctor/node.h"
#include "cli/shown_text.h"
#include "cli/user_list.h"
#include "core/keyboard_device.h"

namespace passgate::cli::doctor {
namespace {

using nlohmann::json;

constexpr const char* kWhat = "keyboard";
constexpr unsigned kReadWrite = 6;

Finding judge_uinput(const Subject& subject) {
  const char* node_path = "/dev/uinput";
  const std::string apply =
      "sudo udevadm control --reload && sudo udevadm trigger --action=add --name-match=uinput";
  const auto group = group_in(subject.at("/etc/group"), "passgate");
  if (!group) return broken(kWhat, "there is no group passgate", "sudo systemd-sysusers");
  const auto node = node_at(subject.at(node_path));
  if (!node || !node->is_device()) {
    return broken(kWhat, fmt::format("there is no {}: the module is not loaded", node_path),
                  "sudo modprobe uinput && " + apply);
  }
  if (node->group != *group || (node->mode & 0060) != 0060) {
    return broken(
        kWhat,
        fmt::format("{} is of group {} with mode {:04o}, and must be of passgate with "
                    "0660",
                    node_path, group_name_in(subject.at("/etc/group"), node->group).value_or("?"),
                    node->mode & 07777U),
        apply);
  }
  if ((node->mode & 0007) != 0) {
    return worry(kWhat,
                 fmt::format("{} has mode {:04o}: everybody may type at this machine", node_path,
                             node->mode & 07777U),
                 "sudo chmod 0660 /dev/uinput");
  }
  return good(kWhat, fmt::format("{}, layout {}", node_path, subject.config.keyboard.layout));
}

Finding judge_node(const Subject& subject, const KeyboardDevice& device) {
  const auto user = user_in(subject.at("/etc/passwd"), "passgated");
  if (!user) return broken(kWhat, "there is no user passgated", "sudo systemd-sysusers");
  const auto node = node_at(device.target);
  if (!node) {
    const bool gadget = device.kind == KeyboardKind::hidg;
    return broken(kWhat,
                  fmt::format("there is no {}{}", device.target,
                              gadget ? ": the USB gadget is not set up (docs/usb-gadget.md)"
                                     : ": is the adapter plugged in?"),
                  gadget ? "sudo systemctl restart usb-gadget" : "ls -l /dev/serial/by-id/");
  }
  if (!node->is_device()) {
    return broken(kWhat, device.target + " is no device",
                  "sudoedit " + word(subject.config_file.string()));
  }
  if (!may(*user, *node, kReadWrite)) {
    const auto path = word(device.target);
    return broken(
        kWhat,
        fmt::format("passgated may not use {} (mode {:04o})", device.target, node->mode & 07777U),
        fmt::format("sudo chgrp passgate {} && sudo chmod 0660 {}", path, path));
  }
  return good(kWhat, device.target);
}

/// passgate-syncd has the connection; what it says of it.
Finding judge_till(const Subject& subject, const std::string& place) {
  if (!subject.sync) {
    return broken(kWhat, "passgate-syncd, which has the connection to the till, does not run",
                  "sudo systemctl start passgate-syncd");
  }
  const json till = subject.sync->value("till", json::object());
  const auto state = shown_text(till, "state", "unknown");
  if (state == "connected") return good(kWhat, "connected to the till at " + place);
  if (state == "unknown") {
    return broken(kWhat, "passgate-syncd runs with another configuration: it knows of no till",
                  "sudo systemctl restart passgate-syncd");
  }
  const auto colon = place.rfind(':');
  return broken(
      kWhat,
      fmt::format("the till at {} cannot be reached ({})", place, shown_text(till, "last_error")),
      fmt::format("nc -vz {} {}", word(place.substr(0, colon)), word(place.substr(colon + 1))));
}

}  // namespace

Findings check_keyboard(const Subject& subject) {
  const auto device = keyboard_device(subject.config.keyboard.device);
  if (!device) return {};  // The configuration was found valid.
  switch (device->kind) {
    case KeyboardKind::uinput: return {judge_uinput(subject)};
    case KeyboardKind::hidg:
    case KeyboardKind::serial: return {judge_node(subject, *device)};
    case KeyboardKind::tcp: return {judge_till(subject, device->target)};
    case KeyboardKind::text: return {good(kWhat, "what is typed goes to " + device->target)};
    case KeyboardKind::none: break;
  }
  return {good(kWhat, "none: nothing is typed")};
}

}  // namespace passgate::cli::doctor
