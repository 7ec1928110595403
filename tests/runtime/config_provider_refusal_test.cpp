// SPDX-License-Identifier: Apache-2.0
// What the operator is told about a [[provider]] that cannot work.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/config_text.h"

namespace passgate::runtime {
namespace {

using test::problems_of;
using testing::ElementsAre;
using testing::HasSubstr;

struct Refusal {
  const char* what;
  const char* kind;
  const char* more;  ///< From line 9 on; a [terminal] and an [http] are there.
  const char* says;
};

std::string name_of(const testing::TestParamInfo<Refusal>& info) {
  return info.param.what;
}

std::string provider(std::string_view kind) {
  const bool has_account = kind == "passninja" || kind == "passworks";
  return "http = { listen = [\"unix:s\"] }\nterminal = { id = \"a\" }\n[[provider]]\n"
         "name = \"main\"\nkind = \"" +
         std::string(kind) + "\"\nbase_url = \"https://api.example\"\napi_key = \"file:key\"\n" +
         (has_account ? "account_id = \"aid\"\n" : "refresh_s = 60\n");
}

class ProviderConfigRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(ProviderConfigRefuses, WithPlaceAndHint) {
  EXPECT_THAT(problems_of(provider(GetParam().kind) + GetParam().more + "\n"),
              ElementsAre(HasSubstr(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(
    KeysOfOtherKinds, ProviderConfigRefuses,
    testing::Values(
        Refusal{"AccountOfPassmint", "passmint", "account_id = \"a\"",
                "p.toml:9: account_id means nothing to kind = \"passmint\" (it belongs to "
                "passninja, passworks)"},
        Refusal{"AccountOfPassinstance", "passinstance",
                "account_id = \"a\"\nredeem = { mode = \"none\" }",
                "p.toml:9: account_id means nothing to kind = \"passinstance\""},
        Refusal{
            "AuthOfPassninja", "passninja", "auth = \"bearer\"",
            "p.toml:9: auth means nothing to kind = \"passninja\" (it belongs to passinstance)"},
        Refusal{"ListOfPassmint", "passmint", "list = { path = \"/x\" }",
                "p.toml:9: list means nothing to kind = \"passmint\" (it belongs to passinstance)"},
        Refusal{"GetPathOfPassworks", "passworks", "get_path = \"/x/{id}\"",
                "p.toml:9: get_path means nothing to kind = \"passworks\""},
        Refusal{"FullRefreshOfPassninja", "passninja", "full_refresh_s = 86400",
                "p.toml:9: full_refresh_s means nothing to kind = \"passninja\" (it belongs to "
                "passmint, passworks)"},
        Refusal{"ValidFromOfPassninja", "passninja", "valid_from = \"/a\"",
                "p.toml:9: valid_from means nothing to kind = \"passninja\" (it belongs to "
                "passmint, passinstance, passworks)"},
        Refusal{"ValidUntilOfPassninja", "passninja", "valid_until = \"/a\"",
                "p.toml:9: valid_until means nothing to kind = \"passninja\""},
        Refusal{"SignatureHeaderOfPassmint", "passmint",
                "webhook = { secrets = [\"file:s\"], signature_header = \"x\" }",
                "p.toml:9: webhook.signature_header means nothing to kind = \"passmint\" (it "
                "belongs to passinstance)"},
        Refusal{"LegacyOfPassworks", "passworks",
                "webhook = { secrets = [\"file:s\"], legacy = true }",
                "p.toml:9: webhook.legacy means nothing to kind = \"passworks\" (it belongs to "
                "passninja)"},
        Refusal{"MaxAgeOfPassmint", "passmint",
                "webhook = { secrets = [\"file:s\"], max_age_s = 9 }",
                "p.toml:9: webhook.max_age_s means nothing to kind = \"passmint\" (it belongs to "
                "passninja, passinstance, passworks)"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    KeysOfOtherModes, ProviderConfigRefuses,
    testing::Values(
        Refusal{"FieldsOfAScan", "passninja",
                "redeem = { mode = \"scan\", token = \"file:t\", fields = { a = \"b\" } }",
                "p.toml:9: redeem.fields means nothing to kind = \"passninja\" with mode = "
                "\"scan\" (it belongs to passninja patch, passmint patch, passmint both, "
                "passinstance update)"},
        Refusal{"FieldsOfAVoid", "passinstance",
                "redeem = { mode = \"void\", body = \"{}\", fields = { a = \"b\" } }",
                "p.toml:9: redeem.fields means nothing to kind = \"passinstance\" with mode = "
                "\"void\""},
        Refusal{"UndoFieldsOfADelete", "passninja",
                "redeem = { mode = \"delete\", undo_fields = { a = \"b\" } }",
                "p.toml:9: redeem.undo_fields means nothing to kind = \"passninja\" with mode = "
                "\"delete\" (it belongs to passninja patch"},
        Refusal{"UndoFieldsOfARedeem", "passworks", "redeem = { undo_fields = { a = \"b\" } }",
                "p.toml:9: redeem.undo_fields means nothing to kind = \"passworks\" with mode = "
                "\"redeem\""},
        Refusal{"TokenOfAPatch", "passmint", "redeem = { token = \"file:t\" }",
                "p.toml:9: redeem.token means nothing to kind = \"passmint\" with mode = \"patch\" "
                "(it belongs to passninja scan, passmint scan, passmint both)"},
        Refusal{"TokenOfPassworks", "passworks", "redeem = { token = \"file:t\" }",
                "p.toml:9: redeem.token means nothing to kind = \"passworks\""},
        Refusal{"ScannerNameOfPassninja", "passninja",
                "redeem = { mode = \"scan\", token = \"file:t\", scanner_name = \"n\" }",
                "p.toml:9: redeem.scanner_name means nothing to kind = \"passninja\" with mode = "
                "\"scan\" (it belongs to passmint scan, passmint both)"},
        Refusal{"DecisionOfPassninja", "passninja",
                "redeem = { mode = \"scan\", token = \"file:t\", decision_at = \"/a\" }",
                "p.toml:9: redeem.decision_at means nothing to"},
        Refusal{"ReasonOfAPatch", "passmint", "redeem = { reason_at = \"/a\" }",
                "p.toml:9: redeem.reason_at means nothing to"},
        Refusal{"MessageOfAPatch", "passninja", "redeem = { message = \"x\" }",
                "p.toml:9: redeem.message means nothing to kind = \"passninja\" with mode = "
                "\"patch\" (it belongs to passninja scan, passmint scan, passmint both)"},
        Refusal{"ExpireFieldOfAPatch", "passninja", "redeem = { expire_field = \"x\" }",
                "p.toml:9: redeem.expire_field means nothing to kind = \"passninja\" with mode = "
                "\"patch\" (it belongs to passninja expire)"},
        Refusal{"BodyOfAnUpdate", "passinstance",
                "redeem = { fields = { a = \"b\" }, body = \"{}\" }",
                "p.toml:9: redeem.body means nothing to kind = \"passinstance\" with mode = "
                "\"update\" (it belongs to passinstance void)"},
        Refusal{"MemberOfAVoid", "passinstance",
                "redeem = { mode = \"void\", body = \"{}\", member = \"x\" }",
                "p.toml:9: redeem.member means nothing to"},
        Refusal{"ValueOfAVoid", "passinstance",
                "redeem = { mode = \"void\", body = \"{}\", value = \"text\" }",
                "p.toml:9: redeem.value means nothing to"},
        Refusal{"MethodOfPassmint", "passmint", "redeem = { method = \"PUT\" }",
                "p.toml:9: redeem.method means nothing to kind = \"passmint\" with mode = "
                "\"patch\" (it belongs to passinstance update, passinstance void)"},
        Refusal{"PathOfNone", "passinstance", "redeem = { mode = \"none\", path = \"/x/{id}\" }",
                "p.toml:9: redeem.path means nothing to kind = \"passinstance\" with mode = "
                "\"none\""},
        Refusal{"ConfirmOfPassmint", "passmint", "redeem = { confirm = \"count\" }",
                "p.toml:9: redeem.confirm means nothing to kind = \"passmint\" with mode = "
                "\"patch\" (it belongs to passworks redeem)"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Modes, ProviderConfigRefuses,
    testing::Values(
        Refusal{"Passninja", "passninja", "redeem = { mode = \"both\" }",
                "p.toml:9: redeem.mode may not be \"both\" with kind = \"passninja\" (one of: "
                "patch, scan, expire, delete, none)"},
        Refusal{"Passmint", "passmint", "redeem = { mode = \"expire\" }",
                "(one of: patch, scan, both, none)"},
        Refusal{"Passinstance", "passinstance", "redeem = { mode = \"patch\" }",
                "(one of: update, void, none)"},
        Refusal{"Passworks", "passworks", "redeem = { mode = \"patch\" }",
                "(one of: redeem, none)"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    WhatAModeNeeds, ProviderConfigRefuses,
    testing::Values(
        Refusal{"TokenOfAScan", "passninja", "redeem = { mode = \"scan\" }",
                "p.toml:9: redeem.token is missing: a scan is sent in the name of a reader (token "
                "= \"credential:passninja-reader\")"},
        Refusal{"FieldOfAnExpiry", "passninja", "redeem = { mode = \"expire\" }",
                "p.toml:9: redeem.expire_field is missing"},
        Refusal{"EmptyFieldOfAnExpiry", "passninja",
                "redeem = { mode = \"expire\", expire_field = \"\" }",
                "p.toml:9: redeem.expire_field is empty"},
        Refusal{"NameOfAToken", "passmint", "redeem = { mode = \"scan\", token = \"file:t\" }",
                "p.toml:9: redeem.scanner_name is missing: the token is of a scanner that has a "
                "name (or neither, and passgate-syncd --pair gets both)"},
        Refusal{"TokenOfAName", "passmint", "redeem = { mode = \"both\", scanner_name = \"n\" }",
                "p.toml:9: redeem.token is missing: the scanner that scanner_name names has one "
                "(or neither, and passgate-syncd --pair gets both)"},
        Refusal{"BodyOfAVoid", "passinstance", "redeem = { mode = \"void\" }",
                "p.toml:9: redeem.body is missing"},
        Refusal{"FieldsOfAnUpdate", "passinstance", "redeem = { mode = \"update\" }",
                "p.toml:9: redeem.fields is missing: nothing would be written (fields = {"},
        Refusal{"FieldsWhereNothingIsSaid", "passinstance", "",
                "p.toml:3: redeem.fields is missing"},
        Refusal{"FieldsOfAnUndo", "passninja", "redeem = { undo_fields = { a = \"b\" } }",
                "p.toml:9: redeem.undo_fields are never sent: without fields nothing is recorded"},
        Refusal{"HeaderOfASignature", "passinstance",
                "redeem = { mode = \"none\" }\nwebhook = { secrets = [\"file:s\"] }",
                "p.toml:10: webhook.signature_header is missing: Passinstance does not document "
                "it"},
        Refusal{"SecretOfAWebhook", "passmint", "webhook = { max_skew_s = 9 }",
                "p.toml:9: webhook.secrets is missing: nobody could prove to be the provider"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Values, ProviderConfigRefuses,
    testing::Values(
        Refusal{"UnknownWordInAField", "passmint", "redeem = { fields = { a = \"{now}\" } }",
                "p.toml:9: redeem.fields.a holds the unknown \"{now}\" (known: {time} {tap_id} "
                "{terminal} {reader} {pass_id} {object_id})"},
        Refusal{"UnknownWordInAnUndoField", "passmint",
                "redeem = { undo_fields = { a = \"{now}\" } }",
                "p.toml:9: redeem.undo_fields.a holds the unknown \"{now}\""},
        Refusal{"UnknownWordInAMessage", "passmint",
                "redeem = { mode = \"scan\", message = \"{passid}\" }",
                "p.toml:9: redeem.message holds the unknown \"{passid}\" (known: {time}"},
        Refusal{"EmptyMessage", "passmint", "redeem = { mode = \"scan\", message = \"\" }",
                "p.toml:9: redeem.message is empty"},
        Refusal{"RelativePointer", "passmint",
                "redeem = { mode = \"scan\", decision_at = \"decision\" }",
                "p.toml:9: redeem.decision_at must be a JSON pointer, which begins with /"},
        Refusal{"EmptyPointer", "passmint", "redeem = { mode = \"scan\", reason_at = \"\" }",
                "p.toml:9: redeem.reason_at must be a JSON pointer"},
        Refusal{"BareTildeInAPointer", "passworks", "valid_from = \"/a~b\"",
                "p.toml:9: valid_from must be a JSON pointer: ~ is written ~0, / is ~1"},
        Refusal{"TildeAtTheEndOfAPointer", "passmint", "valid_until = \"/a~\"",
                "p.toml:9: valid_until must be a JSON pointer: ~ is"},
        Refusal{"BodyThatIsNoJson", "passinstance", "redeem = { mode = \"void\", body = \"{\" }",
                "p.toml:9: redeem.body is not JSON"},
        Refusal{"BodyThatIsNoObject", "passinstance", "redeem = { mode = \"void\", body = \"[]\" }",
                "p.toml:9: redeem.body must be a JSON object"},
        Refusal{"Method", "passinstance",
                "redeem = { fields = { a = \"b\" }, method = \"DELETE\" }",
                "p.toml:9: redeem.method may not be \"DELETE\" (one of: PUT, PATCH, POST)"},
        Refusal{"Value", "passinstance", "redeem = { fields = { a = \"b\" }, value = \"x\" }",
                "p.toml:9: redeem.value may not be \"x\" (one of: object, text)"},
        Refusal{"Confirm", "passworks", "redeem = { confirm = \"x\" }",
                "p.toml:9: redeem.confirm may not be \"x\" (one of: redeems, count)"},
        Refusal{"Auth", "passinstance", "auth = \"jwt\"\nredeem = { mode = \"none\" }",
                "p.toml:9: auth may not be \"jwt\" (one of: api_key, bearer)"},
        Refusal{"RelativePath", "passinstance",
                "redeem = { fields = { a = \"b\" }, path = \"passes/{id}\" }",
                "p.toml:9: redeem.path must begin with / (known: {id} {serial})"},
        Refusal{"PathOfNoPass", "passinstance",
                "redeem = { fields = { a = \"b\" }, path = \"/passes\" }",
                "p.toml:9: redeem.path names no pass: it would be the same for all"},
        Refusal{"UnknownWordInAPath", "passinstance",
                "get_path = \"/passes/{pass_id}\"\nredeem = { mode = \"none\" }",
                "p.toml:9: get_path holds the unknown \"{pass_id}\" (known: {id} {serial})"},
        Refusal{"PathWithASpace", "passinstance",
                "get_path = \"/passes /{id}\"\nredeem = { mode = \"none\" }",
                "p.toml:9: get_path holds characters that no address may hold"},
        Refusal{"PathWithAFragment", "passinstance",
                "get_path = \"/passes#{id}\"\nredeem = { mode = \"none\" }",
                "p.toml:9: get_path may not hold #"},
        Refusal{"ListWithoutPath", "passinstance", "redeem = { mode = \"none\" }\nlist = {}",
                "p.toml:10: list.path is missing"},
        Refusal{"UnknownWordInAList", "passinstance",
                "redeem = { mode = \"none\" }\nlist = { path = \"/x?{offset}\" }",
                "p.toml:10: list.path holds the unknown \"{offset}\" (known: {template} {page} "
                "{page_size} {cursor})"},
        Refusal{"CursorFromNowhere", "passinstance",
                "redeem = { mode = \"none\" }\nlist = { path = \"/x?{cursor}\" }",
                "p.toml:10: list.next is missing: {cursor} comes from there"},
        Refusal{"CursorThatIsNeverSent", "passinstance",
                "redeem = { mode = \"none\" }\nlist = { path = \"/x\", next = \"/n\" }",
                "p.toml:10: list.next is never sent: list.path has neither {cursor} nor {page}"},
        Refusal{"ListWithoutId", "passinstance",
                "redeem = { mode = \"none\" }\nlist = { path = \"/x?{page}\", id = \"\" }",
                "p.toml:10: list.id must be a JSON pointer, which begins with /"},
        Refusal{"PointerInAList", "passinstance",
                "redeem = { mode = \"none\" }\nlist = { path = \"/x?{page}\", status = \"s\" }",
                "p.toml:10: list.status must be a JSON pointer, which begins with /"},
        Refusal{"SignatureHeader", "passinstance",
                "redeem = { mode = \"none\" }\nwebhook = { secrets = [\"file:s\"], "
                "signature_header = \"X Sig:\" }",
                "p.toml:10: webhook.signature_header must be the name of an HTTP field"},
        Refusal{"PageOfPassmint", "passmint", "page_size = 101",
                "p.toml:9: page_size must lie between 1 and 100"},
        Refusal{"PageOfPassworks", "passworks", "page_size = 51",
                "p.toml:9: page_size must lie between 1 and 50"},
        Refusal{"RetryTooSoon", "passmint", "retry_base_ms = 9",
                "p.toml:9: retry_base_ms must lie between 10 and 3600000"},
        Refusal{"FullRefreshBeforeRefresh", "passmint", "full_refresh_s = 59",
                "p.toml:9: full_refresh_s is shorter than refresh_s"},
        Refusal{"PushesRememberedForTooLong", "passninja",
                "webhook = { secrets = [\"file:s\"], max_age_s = 604800 }",
                "p.toml:9: webhook.max_age_s and webhook.max_skew_s may be a week (604800) in all"},
        Refusal{"NoTable", "passmint", "redeem = \"scan\"",
                "p.toml:9: redeem must be a table, this is a string"},
        Refusal{"MisspeltKey", "passmint", "redeem = { mode = \"scan\", mesage = \"x\" }",
                "p.toml:9: unknown key redeem.mesage (did you mean message?)"}),
    name_of);

}  // namespace
}  // namespace passgate::runtime
