// SPDX-License-Identifier: Apache-2.0
#include "cli/record_source.h"

#include <fmt/format.h>
#include <sysexits.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "gate/merge.h"
#include "runtime/json_text.h"

namespace passgate::cli {
namespace {

using gate::TapRecord;

std::optional<TapRecord> parse(const std::string& line) {
  if (line.size() > kLongestRecordLine) return std::nullopt;
  const auto json = runtime::parse_json(line);
  if (json.is_discarded()) return std::nullopt;
  const auto record = gate::tap_record_from(json);
  return record ? std::optional(*record) : std::nullopt;
}

}  // namespace

std::expected<RecordSource, Refusal> RecordSource::open(const std::filesystem::path& file) {
  RecordSource source;
  source.file_ = file;
  source.in_.open(file, std::ios::binary);
  if (!source.in_) {
    return std::unexpected(Refusal{EX_NOINPUT, fmt::format("{}: cannot be read", file.string())});
  }
  auto places = source.index();
  if (!places) return std::unexpected(places.error());
  source.places_ = in_order(std::move(*places));
  return source;
}

std::expected<RecordSource::Places, Refusal> RecordSource::index() {
  Places places;
  std::string line;
  std::streamoff offset = 0;
  for (std::size_t number = 1; std::getline(in_, line); ++number) {
    const std::streamoff start = offset;
    offset += static_cast<std::streamoff>(line.size()) + 1;
    if (line.empty()) continue;
    const auto record = parse(line);
    if (!record) {
      return std::unexpected(
          Refusal{EX_DATAERR, fmt::format("{}:{}: is no record as passgate taps --json prints it",
                                          file_.string(), number)});
    }
    places[record->terminal].push_back({.tap_id = record->tap_id,
                                        .offset = start,
                                        .position = record->position,
                                        .at = record->at,
                                        .clock_error = record->clock_error,
                                        .clock = record->clock});
  }
  in_.clear();
  for (auto& [terminal, own] : places) {
    std::ranges::sort(own, {},
                      [](const Place& place) { return std::tuple(place.position, place.tap_id); });
    const auto twice = std::ranges::unique(own, {}, &Place::tap_id);
    own.erase(twice.begin(), twice.end());
  }
  return places;
}

/// One terminal's own sequence is its order.
std::vector<RecordSource::Place> RecordSource::in_order(Places places) {
  if (places.size() == 1) return std::move(places.begin()->second);
  std::vector<TapRecord> records;
  for (const auto& [terminal, own] : places) {
    for (const Place& place : own) {
      TapRecord& record = records.emplace_back();
      record.tap_id = place.tap_id;
      record.terminal = terminal;
      record.position = place.position;
      record.at = place.at;
      record.clock = place.clock;
      record.clock_error = place.clock_error;
      record.monotonic_ns = place.offset;  // Counts for nothing in the order.
    }
  }
  places.clear();
  gate::put_in_order(records);
  std::vector<Place> ordered;
  ordered.reserve(records.size());
  for (const TapRecord& record : records) {
    ordered.push_back({.tap_id = record.tap_id, .offset = record.monotonic_ns});
  }
  return ordered;
}

std::expected<std::optional<TapRecord>, Refusal> RecordSource::next() {
  if (next_ == places_.size()) return std::nullopt;
  const Place& place = places_[next_++];
  std::string line;
  in_.seekg(place.offset);
  std::getline(in_, line);
  in_.clear();
  auto record = parse(line);
  if (record && record->tap_id == place.tap_id) return std::move(*record);
  return std::unexpected(
      Refusal{EX_IOERR, fmt::format("{}: has changed while it was read", file_.string())});
}

}  // namespace passgate::cli
