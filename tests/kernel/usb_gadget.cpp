// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/usb_gadget.h"

#include <sys/mount.h>

#include <string>

#include "core/require.h"
#include "tests/hid/gadget_descriptor.h"
#include "tests/kernel/guest.h"

namespace passgate::kernel {
namespace {

constexpr const char* kController = "dummy_udc.0";
constexpr const char* kNode = "/dev/hidg0";
constexpr const char* kNameAtTheTill = "passgate gadget keyboard";

/// Folders of configfs appear whole when they are made.
bool make(const std::filesystem::path& folder) {
  std::error_code problem;
  return std::filesystem::create_directory(folder, problem);
}

bool fill(const std::filesystem::path& gadget) {
  const std::string descriptor(hid::kGadgetDescriptor.begin(), hid::kGadgetDescriptor.end());
  const auto function = gadget / "functions/hid.usb0";
  std::error_code problem;
  const bool filled = make(gadget) && put(gadget / "idVendor", "0x1d6b") &&
                      put(gadget / "idProduct", "0x0104") && make(gadget / "strings/0x409") &&
                      put(gadget / "strings/0x409/manufacturer", "passgate") &&
                      put(gadget / "strings/0x409/product", "gadget keyboard") && make(function) &&
                      put(function / "protocol", "1") && put(function / "subclass", "1") &&
                      put(function / "report_length", "8") &&
                      put(function / "report_desc", descriptor) && make(gadget / "configs/c.1");
  if (filled) std::filesystem::create_symlink(function, gadget / "configs/c.1/hid.usb0", problem);
  return filled && !problem;
}

}  // namespace

UsbGadget::UsbGadget() : folder_("/sys/kernel/config/usb_gadget/passgate-test") {
  stay_on_one_processor();
  load_modules("configfs libcomposite usb_f_hid dummy_hcd usbhid hid_generic evdev");
  // EBUSY: it is there already.
  static_cast<void>(::mount("configfs", "/sys/kernel/config", "configfs", 0, nullptr));
  PG_REQUIRE(fill(folder_));
  PG_REQUIRE(plug());
}

UsbGadget::~UsbGadget() {
  static_cast<void>(unplug());
  std::error_code problem;
  std::filesystem::remove(folder_ / "configs/c.1/hid.usb0", problem);
  for (const auto* part : {"configs/c.1", "functions/hid.usb0", "strings/0x409", ""}) {
    std::filesystem::remove(folder_ / part, problem);
  }
}

bool UsbGadget::plug() const {
  return put(folder_ / "UDC", kController);
}

bool UsbGadget::unplug() const {
  return put(folder_ / "UDC", "\n") &&
         becomes_true([] { return event_node(kNameAtTheTill).empty(); });
}

std::filesystem::path UsbGadget::node() {
  const bool came = becomes_true([] { return std::filesystem::exists(kNode); });
  return came ? kNode : "";
}

std::filesystem::path UsbGadget::keyboard_at_the_till() {
  return await_event_node(kNameAtTheTill);
}

}  // namespace passgate::kernel
