// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passmint_pairing.h"

#include <nlohmann/json.hpp>

#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;

json paired(const json& token = "scn_tok_1") {
  return {{"object", "scanner_pairing"},
          {"token", token},
          {"device",
           {{"id", "dev_1"}, {"name", "Gate \"A\""}, {"mode", "live"}, {"template_id", nullptr}}}};
}

TEST(PassmintPairing, AsksWithTheCodeAndNoOtherAuthentication) {
  for (const auto* base : {"https://api.example", "https://api.example/v1/"}) {
    const auto request = passmint_pair_request(base, "AB-12\"", Milliseconds(5000));
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "https://api.example/v1/scanners/pair");
    EXPECT_EQ(json::parse(request.body), (json{{"code", "AB-12\""}}));
    EXPECT_TRUE(request.secret_headers.empty());
    EXPECT_EQ(request.budget, Milliseconds(5000));
  }
}

TEST(PassmintPairing, KeepsTokenNameAndDevice) {
  const auto pairing = read_passmint_pairing(answer(201, paired().dump()));
  ASSERT_TRUE(pairing);
  EXPECT_EQ(text_of(pairing->token.expose()), "scn_tok_1");
  EXPECT_EQ(pairing->name, "Gate \"A\"");
  EXPECT_EQ(pairing->device, "dev_1");
}

TEST(PassmintPairing, ReadsBackWhatItStored) {
  const std::string awkward = R"(a"b\c/d+e=)";
  const auto pairing = read_passmint_pairing(answer(200, paired(awkward).dump()));
  ASSERT_TRUE(pairing);
  const auto stored = stored_text(*pairing);
  EXPECT_TRUE(text_of(stored.expose()).ends_with("\"}\n"));
  const auto again = read_stored_pairing(stored.expose());
  ASSERT_TRUE(again);
  EXPECT_EQ(text_of(again->token.expose()), awkward);
  EXPECT_EQ(again->name, pairing->name);
  EXPECT_EQ(again->device, pairing->device);
}

TEST(PassmintPairing, SaysWhyThereIsNone) {
  EXPECT_EQ(read_passmint_pairing(answer(429)).error(), Error(Errc::rate_limited, 429));
  EXPECT_EQ(read_passmint_pairing(answer(400, "{}")).error(), Error(Errc::rejected, 400));
  EXPECT_EQ(read_passmint_pairing(answer(302)).error(), Error(Errc::rejected, 302));
  EXPECT_EQ(read_passmint_pairing(answer(503)).error(), Error(Errc::rejected, 503));
}

TEST(PassmintPairing, RefusesATokenThatNoHeaderCanCarryAndAnswersThatLackAPart) {
  auto nameless = paired();
  nameless["device"].erase("name");
  auto long_named = paired();
  long_named["device"]["name"] = std::string(257, 'n');
  const std::vector<std::string> bodies = {"",
                                           "[]",
                                           "<html>",
                                           std::string(60'000, '['),
                                           paired("").dump(),
                                           paired(7).dump(),
                                           paired("a\r\nX-Evil: 1").dump(),
                                           paired("a b").dump(),
                                           paired(std::string(4097, 'a')).dump(),
                                           nameless.dump(),
                                           long_named.dump(),
                                           json{{"token", "t"}}.dump()};
  for (const auto& body : bodies) {
    EXPECT_EQ(read_passmint_pairing(answer(200, body)).error().code(), Errc::bad_reply)
        << body.substr(0, 60);
    EXPECT_EQ(read_stored_pairing(bytes_of(body)).error().code(), Errc::bad_value);
  }
}

}  // namespace
}  // namespace passgate::sync::test
