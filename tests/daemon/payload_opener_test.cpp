// SPDX-License-Identifier: Apache-2.0
// The decryption service's half of passgated, over every published vector of
// both wallets.
#include "daemon/payload_opener.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <tuple>

#include "tests/rig/smart_tap_vector.h"
#include "tests/rig/temp_folder.h"

namespace passgate::daemon {
namespace {

using nlohmann::json;

constexpr const char* kTemplate = "ptk_0x14";
const std::set<std::string, std::less<>> kFaultsOfTheRequest = {"not_listed", "bad_hex",
                                                                "bad_value", "too_large"};

struct GoogleVector : test::SmartTapVector {};

class Opening : public testing::Test {
 protected:
  runtime::SecretRef key_file(const std::string& hex) {
    const Bytes raw = from_hex(hex).value();
    const auto file = folder_.write("key-" + std::to_string(++files_), text_of(raw));
    return {.path = file, .credential = {}, .origin = {}};
  }
  runtime::PassConfig& add_pass(const std::string& name, const std::string& pass_template) {
    runtime::PassConfig pass;
    pass.name = name;
    pass.pass_template = pass_template;
    return config_.passes.emplace_back(std::move(pass));
  }
  runtime::PassConfig& add_apple(const json& vector, const std::string& name = "ticket") {
    runtime::PassConfig& pass = add_pass(name, kTemplate);
    pass.apple.emplace();
    pass.apple->pass_type_id = vector.at("pass_type_identifier");
    pass.apple->keys.push_back(key_file(vector.at("private_key_hex")));
    for (const json& other : vector.value("other_private_keys_hex", json::array())) {
      pass.apple->keys.push_back(key_file(other));
    }
    return pass;
  }
  runtime::PassConfig& add_google(const test::SmartTapVector& vector) {
    runtime::PassConfig& pass = add_pass("ticket", kTemplate);
    pass.google.emplace();
    pass.google->collector_id = vector.vector.at("collector_id");
    pass.google->keys.push_back({.version = vector.vector.at("long_term_key_version"),
                                 .key = key_file(vector.text("long_term_private_key_hex"))});
    return pass;
  }
  Result<json> ask(const json& question) {
    auto terms = load_pass_terms(config_, {});
    EXPECT_TRUE(terms) << terms.error();
    return PayloadOpener(*terms).answer(question);
  }
  /// What it says is wrong; nothing when it opens.
  std::string refusal(const json& question) {
    const auto answer = ask(question);
    return answer ? "" : std::string(name(answer.error().code()));
  }

  test::TempFolder folder_;
  int files_ = 0;
  runtime::Config config_;
};

const json& apple_vectors() {
  static const json all = json::parse(std::ifstream(PASSGATE_FIXTURES "/vectors/apple-vas.json"));
  return all.at("cases");
}

json apple_question(const json& vector) {
  return {{"type", "open"}, {"template", kTemplate}, {"payload", vector.at("vas_data_hex")}};
}

json google_question(const test::SmartTapVector& vector) {
  return {{"type", "open"},
          {"template", kTemplate},
          {"payload", vector.text("record_bundle_payload_hex")},
          {"session",
           {{"terminalNonce", vector.text("terminal_nonce_hex")},
            {"mobileNonce", vector.text("handset_nonce_hex")},
            {"terminalEphemeralPublicKey", vector.text("terminal_ephemeral_public_key_hex")},
            {"terminalEphemeralPrivateKey", vector.text("terminal_ephemeral_private_key_hex")},
            {"mobileEphemeralPublicKey", vector.text("handset_ephemeral_public_key_hex")},
            {"signature", vector.text("signature_der_hex")}}}};
}

GoogleVector google_vector(const std::string& id) {
  for (const auto& one : test::smart_tap_vectors<GoogleVector>()) {
    if (one.text("id") == id) return one;
  }
  ADD_FAILURE() << id;
  return {};
}

TEST_F(Opening, EveryPublishedApplePassOpensOrNotAsOtherImplementationsSay) {
  for (const json& vector : apple_vectors()) {
    config_.passes.clear();
    add_apple(vector);
    SCOPED_TRACE(vector.at("id"));
    if (vector.at("expect") != "ok") {
      EXPECT_EQ(refusal(apple_question(vector)), vector.at("expected_error").get<std::string>());
      continue;
    }
    const auto answer = ask(apple_question(vector));
    ASSERT_TRUE(answer);
    EXPECT_EQ(*answer, (json{{"type", "opened"},
                             {"payload", vector.at("expected_payload_hex")},
                             {"stamped_at", vector.at("expected_utc")}}));
  }
}

TEST_F(Opening, EveryPublishedGooglePassOpensOrNotAsOtherImplementationsSay) {
  std::size_t opened = 0;
  for (const auto& vector : test::smart_tap_vectors<GoogleVector>()) {
    config_.passes.clear();
    add_google(vector);
    SCOPED_TRACE(vector.text("id"));
    const auto answer = ask(google_question(vector));
    std::string expected;
    for (const json& object : vector.vector.value("expected_objects", json::array())) {
      if (expected.empty()) expected = object.value("service_number_text", "");
    }
    const auto fault = vector.vector.value("expected_error", "");
    const bool readable = fault.empty() || fault == "session_mismatch" || fault == "no_srs";
    if (!expected.empty() && readable) {
      ASSERT_TRUE(answer) << name(answer.error().code());
      EXPECT_EQ(*answer, (json{{"type", "opened"}, {"payload", to_hex(bytes_of(expected))}}));
      ++opened;
    } else if (!answer) {
      EXPECT_FALSE(kFaultsOfTheRequest.contains(name(answer.error().code())))
          << name(answer.error().code());
    }
    EXPECT_EQ(fault == "hmac", refusal(google_question(vector)) == "auth_failed");
  }
  EXPECT_GE(opened, 25U);
}

TEST_F(Opening, TakesTheFirstObjectThatTheTemplateAccepts) {
  const auto vector = google_vector("several_objects");
  runtime::PassConfig& pass = add_google(vector);
  pass.google->services = {"offer"};
  EXPECT_EQ(ask(google_question(vector))->at("payload"), to_hex(bytes_of("OFFER-77")));
  pass.google->services = {"transit"};
  EXPECT_EQ(refusal(google_question(vector)), "missing_record");
}

TEST_F(Opening, KnowsAPassByTemplateAndByNameAndTriesEachWithTheTemplate) {
  const json& mine = apple_vectors().at(0);
  json others = mine;
  others["pass_type_identifier"] = "pass.com.example.another";
  add_apple(others, "another");
  add_apple(mine, "ticket");
  json question = apple_question(mine);
  EXPECT_TRUE(ask(question));
  question["template"] = "ticket";
  EXPECT_TRUE(ask(question));
  question["template"] = "another";
  EXPECT_EQ(refusal(question), "auth_failed");
  question["template"] = "nobody";
  EXPECT_EQ(refusal(question), "not_listed");
}

TEST_F(Opening, APassThatIsNotForTheWalletOrHasItsKeysElsewhereHasNoKey) {
  const json& apple = apple_vectors().at(0);
  const auto google = google_vector("encrypted_plain");
  add_apple(apple);
  EXPECT_EQ(refusal(google_question(google)), "unknown_key");
  config_.passes.clear();
  add_google(google);
  EXPECT_EQ(refusal(apple_question(apple)), "unknown_key");
  config_.passes.clear();
  config_.decrypt_services.push_back({.name = "cloud", .url = {}, .account_id = {}, .api_key = {}});
  runtime::PassConfig& remote = add_apple(apple);
  remote.apple->keys.clear();
  remote.apple->remote = "cloud";
  EXPECT_EQ(refusal(apple_question(apple)), "unknown_key");
}

TEST_F(Opening, TellsAFaultOfTheRequestFromAPassThatDoesNotOpen) {
  const auto vector = google_vector("encrypted_plain");
  add_google(vector);
  const json whole = google_question(vector);
  ASSERT_TRUE(ask(whole));
  for (const auto& [member, value] : whole.at("session").items()) {
    json question = whole;
    question["session"].erase(member);
    EXPECT_THROW(std::ignore = ask(question), json::exception)
        << member;  // bad_value, by the server
    question["session"][member] = 7;
    EXPECT_THROW(std::ignore = ask(question), json::exception) << member;
    question["session"][member] = "zz";
    EXPECT_EQ(refusal(question), "bad_hex") << member;
    question["session"][member] = "";
    EXPECT_EQ(refusal(question), "bad_value") << member;
    question["session"][member] = value.get<std::string>() + std::string(200, '0');
    EXPECT_EQ(refusal(question), "bad_value") << member;
  }
  json question = whole;
  question["session"]["terminalEphemeralPrivateKey"] = std::string(64, '0');
  EXPECT_EQ(refusal(question), "bad_value");
  question = whole;
  question["session"]["mobileEphemeralPublicKey"] = "02" + std::string(64, 'f');
  EXPECT_EQ(refusal(question), "bad_point");
  question = whole;
  question["session"]["mobileNonce"] = std::string(64, '0');
  EXPECT_EQ(refusal(question), "auth_failed");
}

TEST_F(Opening, BoundsThePayload) {
  add_apple(apple_vectors().at(0));
  json question = apple_question(apple_vectors().at(0));
  question["payload"] = std::string(2 * PayloadOpener::kLargestPayload + 2, '0');
  EXPECT_EQ(refusal(question), "too_large");
  question["payload"] = std::string(2 * PayloadOpener::kLargestPayload, '0');
  EXPECT_FALSE(kFaultsOfTheRequest.contains(refusal(question))) << refusal(question);
  question["payload"] = "abc";
  EXPECT_EQ(refusal(question), "bad_hex");
  question["payload"] = "";
  EXPECT_EQ(refusal(question), "too_short");
}

}  // namespace
}  // namespace passgate::daemon
