// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/unix_socket.h"

namespace passgate::sync::test {

/// A plain connection to the HTTP face, for what no decent client does and for
/// answers that have no end.
class RawPeer {
 public:
  explicit RawPeer(std::uint16_t port);

  void say(std::string_view text) const;
  /// Reads until `text` was heard, this time or before. False: the peer hung up,
  /// or nothing came for 60 s.
  bool hear_until(std::string_view text);
  /// The same; what was heard up to the end of `text` is given out and forgotten.
  std::optional<std::string> take_until(std::string_view text);
  /// Everything until the peer hangs up; "hung" when it does not.
  std::string hear_to_the_end();
  const std::string& heard() const { return heard_; }

 private:
  bool hear_more();  ///< False: no more comes; `hung_` says why.

  runtime::FileDescriptor fd_;
  std::string heard_;
  bool hung_ = false;
};

}  // namespace passgate::sync::test
