// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/phone_seeds.h"

#include <string_view>
#include <vector>

#include "apdu/ndef.h"

namespace passgate::fuzz {
namespace {

using apdu::NdefWriter;
using apdu::Tnf;

constexpr std::string_view kKinds[] = {"ly", "of", "gc", "pl", "et", "fl", "tr", "gr", "gp"};

Bytes value(std::uint8_t format, std::string_view text) {
  Bytes bytes = {format};
  append(bytes, bytes_of(text));
  return bytes;
}

Bytes service(std::string_view kind, const NdefWriter& object) {
  const Bytes issuer = {0x04, 0x01, 0x00, 0x00, 0x00, 0x00};
  return NdefWriter().add("i", issuer).add(kind, object.bytes()).bytes();
}

/// One pass of every kind; the formats of their values go round.
Bytes passes() {
  using std::string_view_literals::operator""sv;
  constexpr std::string_view kTexts[] = {
      "2018",     "ascii",        "\xC3\xA9",    "\0e\xD8\x3D\xDE\x00\xDC"sv,
      "\x80\xFF", "\x20\x18\x7F", "later format"};
  NdefWriter bundle;
  std::uint8_t format = 0;
  for (const std::string_view kind : kKinds) {
    NdefWriter object;
    object.add("oid", value(4, "12345678")).add("n", value(format, kTexts[format]));
    object.add("p", value(1, "0000")).add("tr1", value(1, "B1^2")).add("tr2", value(5, "\x12"));
    bundle.add("asv", service(kind, object));
    format = static_cast<std::uint8_t>((format + 1) % std::size(kTexts));
  }
  return bundle.bytes();
}

/// Values as RTD text, in both of its encodings, and a customer.
Bytes texts() {
  NdefWriter plain;
  plain.add("oid", value(4, "12345678")).add(Tnf::well_known, "T", "n", value(0, "text"));
  NdefWriter wide;
  wide.add(Tnf::well_known, "T", "n", Bytes{0x82, 'e', 'n', 0xD8, 0x3D, 0xDE, 0x00, 0x20, 0xAC});
  NdefWriter customer;
  customer.add("cid", value(4, "0123456789abcdef"))
      .add(Tnf::well_known, "T", "cpl", value(0, "en"))
      .add("cut", value(4, "fedcba9876543210"));
  return NdefWriter()
      .add("asv", service("ly", plain))
      .add("asv", service("ly", wide))
      .add("asv", service("xx", plain))
      .add("asv", service("cus", customer))
      .bytes();
}

/// zlib with one stored block: what zlib itself needs no call to make.
Bytes stored(ByteView content) {
  Bytes stream = {0x78, 0x01, 0x01};
  const auto size = static_cast<std::uint16_t>(content.size());
  for (const unsigned number : {unsigned{size}, 0xFFFFU ^ size}) {
    stream.push_back(static_cast<std::uint8_t>(number));
    stream.push_back(static_cast<std::uint8_t>(number >> 8));
  }
  append(stream, content);
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const std::uint8_t byte : content) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  append_be32(stream, b << 16 | a);
  return stream;
}

Bytes bundle(std::uint8_t flags, ByteView body) {
  Bytes all = {flags};
  append(all, body);
  return all;
}

/// Everything answered rightly, then a bundle with these bits.
Bytes right_phone(std::uint8_t frame_size, std::uint8_t bits, ByteView content) {
  Bytes script = {0x01, 0x00, 0x01};              // OSE, allowed to skip SELECT
  append(script, Bytes{0x01});                    // NEGOTIATE
  append(script, Bytes{0x01, frame_size, bits});  // GET DATA
  append_block(script, content);
  for (int i = 0; i < 24 && frame_size != 0; ++i) script.push_back(0x01);  // GET MORE
  return script;
}

/// Every way to make a bundle, in one frame and in many.
void add_bundles(std::vector<Bytes>& scripts) {
  for (const std::uint8_t bits : Bytes{0x00, 0x01, 0x02, 0x06, 0x07, 0x09, 0x11, 0x27}) {
    for (const std::uint8_t frame_size : Bytes{0, 60}) {
      scripts.push_back(right_phone(frame_size, bits, passes()));
      scripts.push_back(right_phone(frame_size, bits, texts()));
    }
  }
  scripts.push_back(right_phone(0, 0x01, {}));
}

/// One of the three commands answered with one thing wrong, or with another status
/// word; then the same again, and then rightly, for what asks a second time.
void add_disturbed(std::vector<Bytes>& scripts) {
  const Bytes content = texts();
  for (unsigned at = 0; at < 3; ++at) {
    for (unsigned choice = 0; choice < 0x100; choice += choice < 0x10 ? 1 : 0x10) {
      Bytes script;
      for (unsigned step = 0; step < 3; ++step) {
        const unsigned how = step == at ? choice | (choice < 0x10 ? 0U : 1U) : 1U;
        script.push_back(static_cast<std::uint8_t>(how));
        if (step != 1) append(script, Bytes{0x00, 0x01});
        if (step == 2) append_block(script, content);
      }
      Bytes again = script;
      append(again, script);
      append(again, right_phone(0, 0x01, content));
      scripts.push_back(again);
    }
  }
}

/// Session statuses, in the answers to NEGOTIATE and to GET DATA; then all is well.
void add_statuses(std::vector<Bytes>& scripts) {
  const Bytes content = texts();
  for (const std::uint8_t status : Bytes{2, 3, 5, 8, 9}) {
    Bytes negotiate = {0x01, 0x00, 0x01, 0x02, status};
    append(negotiate, right_phone(0, 0x01, content));
    scripts.push_back(negotiate);
    Bytes get_data = {0x01, 0x00, 0x01, 0x01, 0x02, 0x00, status, 0x00};
    append_block(get_data, content);
    append(get_data, right_phone(0, 0x01, content));
    scripts.push_back(get_data);
  }
}

/// The other ways in.
void add_entries(std::vector<Bytes>& scripts) {
  const Bytes content = texts();
  // No OSE.VAS.01: the applet is selected by itself.
  Bytes applet = {0xE1, 0x00, 0x01, 0x01, 0x01, 0x01, 0x00, 0x07};
  append_block(applet, content);
  scripts.push_back(applet);
  // Apple first, without a pass, then Google.
  Bytes both = {0x06, 0x00, 0x01, 0x00, 0x00, 0x02, 0x6A, 0x83, 0x01, 0x01, 0x01, 0x00, 0x01};
  append_block(both, content);
  scripts.push_back(both);
  // Apple with a pass.
  Bytes apple = {0x06, 0x00, 0x01, 0x01};
  append_block(apple, content);
  scripts.push_back(apple);
}

/// AndroidCard's scripts, without the configuration before them.
std::vector<Bytes> all_scripts() {
  std::vector<Bytes> scripts;
  add_bundles(scripts);
  add_disturbed(scripts);
  add_statuses(scripts);
  add_entries(scripts);
  return scripts;
}

}  // namespace

void add_phone_seeds(SeedFolder& seeds) {
  int number = 0;
  for (const Bytes& content : {passes(), texts()}) {
    const std::string name = "made_" + std::to_string(number++);
    seeds.add("objects", name, content);
    seeds.add("ndef", name, content);
    seeds.add("objects", name + "_plain", bundle(0x00, content));
    seeds.add("objects", name + "_zlib", bundle(0x02, stored(content)));
    seeds.add("objects", name + "_encrypted", bundle(0x01, content));
  }
  number = 0;
  // Mode and request: one attempt; three with pre-signed keys; none with a key.
  for (const Bytes& request :
       {Bytes{0x00, 0x01, 0x00}, Bytes{0x1A, 0x07, 0x00}, Bytes{0x29, 0x00, 0x00}}) {
    for (const Bytes& script : all_scripts()) {
      const std::string name = "phone_" + std::to_string(number++);
      for (const std::uint8_t mode : Bytes{2, 3}) {
        Bytes seed = {mode};
        append(seed, request);
        append(seed, script);
        seeds.add("smart_tap", name + (mode == 3 ? "_applet" : ""), seed);
      }
      Bytes seed = {0x07, 0x01, 0x00};
      append(seed, request);
      append(seed, script);
      seeds.add("wallet", name, seed);
    }
  }
}

}  // namespace passgate::fuzz
