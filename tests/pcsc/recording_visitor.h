// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/card_visitor.h"
#include "daemon/reader_status.h"

namespace passgate::test {

/// What the visits of one reader came to; shared with the test.
struct Visits {
  std::atomic<unsigned> begun = 0;
  std::atomic<unsigned> ended = 0;
  std::atomic<unsigned> answered = 0;  ///< SELECT answered by the card.
  std::atomic<bool> visitor_alive = true;

  void note(Errc code);
  std::vector<Errc> errors() const;
  /// Tests that want more than a SELECT put it here before readers start.
  std::function<void(apdu::CardChannel&, apdu::Lamp&)> also;

 private:
  mutable std::mutex mutex_;
  std::vector<Errc> errors_;
};

/// Sends one SELECT, releases the card and shows `admit`.
std::unique_ptr<daemon::CardVisitor> recording_visitor(std::shared_ptr<Visits> visits);

/// Collects reader events by name.
class Events {
 public:
  daemon::ReaderEvents sink();
  unsigned count(std::string_view what) const;
  std::optional<Error> last_reason(std::string_view what) const;

 private:
  struct Seen {
    std::string what;
    std::optional<Error> why;
  };
  struct List {
    std::mutex mutex;
    std::vector<Seen> seen;
  };
  std::shared_ptr<List> list_ = std::make_shared<List>();
};

}  // namespace passgate::test
