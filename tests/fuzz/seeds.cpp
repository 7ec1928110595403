// SPDX-License-Identifier: Apache-2.0
// Turns the recorded taps of tests/fixtures/taps, what AndroidCard can play and
// what the clouds push into the fuzz targets' inputs.
//   fuzz_seeds TAPS OUT      writes OUT/<target>/<seed>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "apdu/recording.h"
#include "tests/fuzz/phone_seeds.h"
#include "tests/fuzz/push_seeds.h"
#include "tests/fuzz/seed_folder.h"
#include "tests/fuzz/smart_tap_setup.h"

namespace passgate::fuzz {
namespace {

constexpr std::uint16_t kFailure = 0xFFF0;  // as FedCard understands it

/// Puts our session's id where a recording has its own, so that the session
/// under test takes the recorded phone's answers for its own.
void adopt_session(Bytes& wire, std::vector<Bytes>& ids, bool is_command) {
  constexpr std::string_view kMark = "\x03\x0Ases";
  auto place = std::ranges::search(wire, bytes_of(kMark)).end();
  const auto left = static_cast<std::size_t>(wire.end() - place);
  if (place == wire.end() || left < kSession.size()) return;
  const Bytes id(place, place + kSession.size());
  if (is_command) ids.push_back(id);
  if (std::ranges::find(ids, id) != ids.end()) std::ranges::copy(kSession, place);
}

/// The answers of one contact as FedCard takes them.
Bytes answers_of(const apdu::Contact& contact) {
  Bytes all;
  std::vector<Bytes> ids;
  for (const auto& recorded : contact.exchanges) {
    Bytes command = recorded.exchange.command;
    adopt_session(command, ids, true);
    if (!recorded.exchange.answer) {
      append_be16(all, kFailure);
      continue;
    }
    Bytes answer = *recorded.exchange.answer;
    adopt_session(answer, ids, false);
    append_block(all, answer);
  }
  return all;
}

Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes all;
  for (const ByteView part : parts) append(all, part);
  return all;
}

void add_messages(SeedFolder& seeds, const std::string& name, const apdu::Contact& contact) {
  int number = 0;
  for (const auto& recorded : contact.exchanges) {
    const std::string seed = name + '_' + std::to_string(number++);
    const auto command = apdu::CommandApdu::parse(recorded.exchange.command);
    seeds.add("tlv", seed + "_command", recorded.exchange.command);
    if (command) seeds.add("ndef", seed + "_command", command->data());
    if (!recorded.exchange.answer || recorded.exchange.answer->size() < 2) continue;
    const ByteView answer = *recorded.exchange.answer;
    seeds.add("tlv", seed, answer);
    seeds.add("tlv", seed + "_data", answer.first(answer.size() - 2));
    seeds.add("ndef", seed, answer.first(answer.size() - 2));
  }
}

void add_contact(SeedFolder& seeds, const std::string& name, const apdu::Contact& contact) {
  const Bytes answers = answers_of(contact);
  const Bytes apple[] = {{0x01, 0x00, 0x00}, {0x03, 0x00, 0x00}, {0x73, 0x00, 0x00},
                         {0x80, 0x20, 0x00}, {0xE2, 0x20, 0x00}, {0x80, 0x4F, 0x00},
                         {0x01, 0x00, 0xFF}};
  // One attempt, three of one collector, one without key, of many collectors.
  const Bytes google[] = {{0x00, 0x01}, {0x02, 0x07}, {0x20, 0x00}, {0x0A, 0x07}};
  int number = 0;
  for (const Bytes& request : apple) {
    seeds.add("apple_vas", name + '_' + std::to_string(number++), joined({request, answers}));
  }
  for (const Bytes& request : google) {
    const std::string seed = name + '_' + std::to_string(number++);
    for (const std::uint8_t entry : Bytes{0, 1}) {
      const Bytes mode = {entry};
      seeds.add("smart_tap", seed + (entry == 1 ? "_applet" : ""),
                joined({mode, request, Bytes{0x00}, answers}));
    }
    for (const std::uint8_t asked : Bytes{1, 2, 3}) {
      seeds.add("wallet", seed + '_' + std::to_string(asked),
                joined({Bytes{asked, 0x03, 0x00}, request, Bytes{0x00}, answers}));
    }
  }
  add_messages(seeds, name, contact);
}

/// False when the file is no recording.
bool add_recording(SeedFolder& seeds, const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string name = path.stem();
  seeds.add("recording", name, bytes_of(text));
  const auto recording = apdu::parse_recording(text);
  if (!recording) return false;
  int number = 0;
  for (const apdu::Contact& contact : recording->contacts) {
    add_contact(seeds, name + '_' + std::to_string(number++), contact);
  }
  return true;
}

/// What no recorded phone does: an answer beyond every bound, none at all.
void add_extremes(SeedFolder& seeds) {
  seeds.add("apple_vas", "huge", Bytes{0x01, 0x00, 0x00, 0xF0, 0x3F, 0x90, 0x00});
  seeds.add("apple_vas", "short", Bytes{0x01, 0x00, 0x00, 0x00, 0x01, 0x90});
  seeds.add("apple_vas", "nothing_to_ask", Bytes{0x00, 0x00, 0x00});
  Bytes chained = {0x01, 0x00, 0x00};
  for (int i = 0; i < 64; ++i) append_block(chained, i % 2 == 0 ? Bytes{0x6C, 0} : Bytes{0x61, 0});
  seeds.add("apple_vas", "chained", chained);
  seeds.add("wallet", "nothing_to_ask", Bytes{0x00, 0x00, 0x00, 0x00, 0x00, 0x00});
  seeds.add("smart_tap", "too_many_attempts", Bytes{0x00, 0x07, 0x00, 0x00});
  Bytes frames = {0x01, 0x00, 0x00, 0x00, 0x00, 0x02, 0x6A, 0x82};
  for (int i = 0; i < 90; ++i) append(frames, Bytes{0xF0, 0x00, 0x91, 0x00});
  seeds.add("smart_tap", "endless", frames);
}

}  // namespace
}  // namespace passgate::fuzz

int main(int argc, char** argv) {
  using namespace passgate;
  if (argc != 3) {
    std::fputs("usage: fuzz_seeds TAPS OUT\n", stderr);
    return 64;
  }
  fuzz::SeedFolder seeds(argv[2]);
  bool all_read = true;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    if (entry.path().extension() != ".apdu") continue;
    if (!fuzz::add_recording(seeds, entry.path())) {
      std::fprintf(stderr, "%s: not a recording\n", entry.path().c_str());
      all_read = false;
    }
  }
  fuzz::add_phone_seeds(seeds);
  fuzz::add_push_seeds(seeds);
  fuzz::add_extremes(seeds);
  std::printf("%zu seeds\n", seeds.written());
  return all_read ? 0 : 65;
}
