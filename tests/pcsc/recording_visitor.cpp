// SPDX-License-Identifier: Apache-2.0
#include "tests/pcsc/recording_visitor.h"

#include <algorithm>
#include <ranges>

#include "tests/pcsc/rig_fixture.h"

namespace passgate::test {
namespace {

class RecordingVisitor final : public daemon::CardVisitor {
 public:
  explicit RecordingVisitor(std::shared_ptr<Visits> visits) : visits_(std::move(visits)) {}
  RecordingVisitor(const RecordingVisitor&) = delete;
  RecordingVisitor& operator=(const RecordingVisitor&) = delete;
  ~RecordingVisitor() override { visits_->visitor_alive = false; }

  void visit(apdu::CardChannel& card, apdu::Lamp& lamp) noexcept override {
    ++visits_->begun;
    const auto answer = card.transmit(select_vas());
    if (answer) {
      ++visits_->answered;
    } else {
      visits_->note(answer.error().code());
    }
    if (visits_->also) visits_->also(card, lamp);
    card.release();
    lamp.show(apdu::Signal::admit);
    ++visits_->ended;
  }

 private:
  std::shared_ptr<Visits> visits_;
};

}  // namespace

void Visits::note(Errc code) {
  const std::scoped_lock lock(mutex_);
  errors_.push_back(code);
}

std::vector<Errc> Visits::errors() const {
  const std::scoped_lock lock(mutex_);
  return errors_;
}

std::unique_ptr<daemon::CardVisitor> recording_visitor(std::shared_ptr<Visits> visits) {
  return std::make_unique<RecordingVisitor>(std::move(visits));
}

daemon::ReaderEvents Events::sink() {
  return [list = list_](const daemon::ReaderEvent& event) {
    const std::scoped_lock lock(list->mutex);
    list->seen.push_back({std::string(event.what), event.why});
  };
}

unsigned Events::count(std::string_view what) const {
  const std::scoped_lock lock(list_->mutex);
  return static_cast<unsigned>(std::ranges::count(list_->seen, what, &Seen::what));
}

std::optional<Error> Events::last_reason(std::string_view what) const {
  const std::scoped_lock lock(list_->mutex);
  for (const auto& seen : list_->seen | std::views::reverse) {
    if (seen.what == what) return seen.why;
  }
  return std::nullopt;
}

}  // namespace passgate::test
