// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace passgate::sim {

/// One order to the virtual reader, sent as text in one datagram to
/// `<card socket>.ctl`: "gone", "back", "errors 3", "delay 20", "hang",
/// "resume", "short 1".
struct ReaderFault {
  enum class Kind : std::uint8_t {
    gone,    ///< The reader says IFD_NO_SUCH_DEVICE until `back`.
    back,    ///< Undoes `gone`.
    errors,  ///< The next `amount` transmits fail with a communication error.
    delay,   ///< Every transmit takes `amount` ms longer; 0 ends it.
    hang,    ///< Transmits do not return until `resume`.
    resume,  ///< Undoes `hang`.
    cut,     ///< "short": the next `amount` answers come without status word.
  };
  Kind kind;
  unsigned amount = 0;
};

/// At most this is accepted as an amount: a slip of the keyboard must not wedge
/// a test for hours.
inline constexpr unsigned kMaxFaultAmount = 60'000;

/// Nothing when the text is not one of the orders above. Standard library only:
/// the driver module is compiled without the rest of passgate.
std::optional<ReaderFault> parse_reader_fault(std::string_view text);

}  // namespace passgate::sim
