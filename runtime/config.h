// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"

namespace passgate::runtime {

/// Where a value came from, for messages and `config show --origin`.
struct Origin {
  std::filesystem::path file;
  int line = 0;
};

/// A secret by reference; the configuration never holds one.
struct SecretRef {
  enum class Kind { file, credential };
  Kind kind = Kind::file;
  std::filesystem::path path;  ///< kind file: absolute, resolved against the naming file.
  std::string credential;      ///< kind credential: systemd credential name.
  Origin origin;
  std::string text() const;  ///< As written: "file:PATH" or "credential:NAME".
};

struct TerminalConfig {
  std::string id;
  std::filesystem::path state_dir = "/var/lib/passgate";
  std::filesystem::path runtime_dir = "/run/passgate";
  std::chrono::days keep_days{400};

  std::filesystem::path core_state() const { return state_dir / "core"; }
  std::filesystem::path sync_state() const { return state_dir / "sync"; }
  std::filesystem::path journal_db() const { return core_state() / "journal.db"; }
  std::filesystem::path passes_db() const { return sync_state() / "passes.db"; }
  std::filesystem::path outbox_db() const { return sync_state() / "outbox.db"; }
  std::filesystem::path core_sock() const { return runtime_dir / "core" / "core.sock"; }
  std::filesystem::path control_sock() const { return runtime_dir / "core" / "control.sock"; }
  std::filesystem::path sync_sock() const { return runtime_dir / "sync" / "sync.sock"; }
};

enum class ReaderMode { gate, wedge };

struct ReaderConfig {
  std::string name;         ///< Empty: the PC/SC name.
  std::string match = "*";  ///< Glob on the PC/SC reader name.
  ReaderMode mode = ReaderMode::gate;
  std::string zone;
  std::string direction = "entry";
  std::chrono::milliseconds rearm{3000};
  std::vector<std::string> passes;  ///< Names of [[pass]]; empty: all.
  Origin origin;
};

struct AppleConfig {
  std::string pass_type_id;
  std::vector<SecretRef> keys;  ///< Of this terminal; none exactly when `remote` is set.
  std::string remote;      ///< keys = ["remote:NAME"]: the [[decrypt_service]] that holds them.
  std::string signup_url;  ///< 9F29; empty: not sent.
};

struct CollectorKeyConfig {
  std::uint32_t version = 0;  ///< As registered with Google.
  SecretRef key;
};

struct GoogleConfig {
  std::uint32_t collector_id = 0;
  std::vector<CollectorKeyConfig> keys;         ///< At least one; versions differ.
  std::vector<std::string> services = {"all"};  ///< What the phone is asked for.
};

enum class OnDoubt { deny, admit };
enum class ReentryRule { never, after_exit, always };

struct PassConfig {
  std::string name;
  std::string provider;       ///< Empty: none.
  std::string pass_template;  ///< Default: the name.
  std::string join = "id";    ///< id | serial | code
  std::optional<std::string> pattern;
  std::string type;
  std::vector<std::string> display;
  std::optional<AppleConfig> apple;  ///< This, google, or both.
  std::optional<GoogleConfig> google;
  std::optional<unsigned> uses = 1;  ///< Absent: reusable.
  bool uses_per_zone = false;        ///< "uses_per": zone, not pass.
  ReentryRule reentry = ReentryRule::never;
  std::chrono::seconds reentry_within{0};  ///< 0: without end.
  std::chrono::seconds passback{0};        ///< 0: off.
  std::string once_per_day;  ///< IANA zone, which is looked up by who uses it; empty: off.
  std::chrono::seconds grace_before{0};
  std::chrono::seconds grace_after{0};
  std::vector<std::string> zones;
  std::string direction;  ///< entry | exit; empty: both.
  unsigned max_party = 1;
  bool partial_party = false;
  std::vector<std::string> revoked;  ///< Pass ids.
  std::vector<std::string> blocked;
  OnDoubt on_unknown = OnDoubt::deny;
  OnDoubt on_stale = OnDoubt::deny;
  std::chrono::seconds max_cache_age{86400};
  std::chrono::seconds max_skew{600};
  std::optional<std::chrono::seconds> max_clock_error;
  Origin origin;
};

/// A part of the venue, as the readers' `zone` names it.
struct ZoneConfig {
  std::string name;
  std::optional<unsigned> capacity;  ///< People; absent: any number.
  std::string timezone;              ///< IANA, looked up by who uses it; with empties_at.
  std::optional<std::chrono::minutes> empties_at;  ///< After midnight there: all have left.
  Origin origin;
};

/// What an operator may let in although it is refused by default.
struct OverrideConfig {
  std::vector<std::string> allow;  ///< Reasons.
  Origin origin{};
};

struct KeyboardConfig {
  std::string device = "uinput";  ///< As core/keyboard_device.h; a PATH is absolute.
  std::string layout = "us";
  std::optional<std::chrono::microseconds> key_delay;
  unsigned baud = 9600;        ///< serial: bits a second.
  std::string newline = "\r";  ///< serial, tcp: the bytes that stand for Enter.
};

/// How a use is recorded; which members count depends on the kind and the mode
/// (docs/clouds.md).
struct RedeemConfig {
  std::string mode;  ///< As default: passninja patch, passmint patch, passinstance update,
                     ///< passworks redeem. See docs/clouds.md for the others.
  /// Values may hold {time} {tap_id} {terminal} {reader} {pass_id} {object_id}.
  std::map<std::string, std::string> fields;
  std::map<std::string, std::string> undo_fields;  ///< Written to take a use back; empty: cannot.
  std::optional<SecretRef> token;  ///< PassNinja scan: the reader's. Passmint: a scanner's; absent:
                                   ///< the one `passgate-syncd --pair` got.
  std::string scanner_name;        ///< Passmint: the name of the scanner that `token` belongs to.
  std::string message = "{pass_id}";      ///< PassNinja scan "message"; Passmint scan "code".
  std::string decision_at = "/decision";  ///< Passmint scan: JSON pointer into the answer.
  std::string reason_at = "/reason";
  std::string expire_field;           ///< PassNinja expire: the key that holds the expiration date.
  std::string method = "PUT";         ///< Passinstance: PUT | PATCH | POST.
  std::string path = "/passes/{id}";  ///< Passinstance: below base_url.
  std::string member = "customFields";  ///< Passinstance update: "" = top level.
  std::string value = "object";         ///< Passinstance update: object {"value":…} | text.
  std::string body;                     ///< Passinstance void: the JSON to send.
  std::string confirm = "redeems";      ///< Passworks: redeems | count.
};

/// Passinstance, which documents no list: where it is and what its members are
/// called. Paths may hold {template} {page} {page_size} {cursor}; members are
/// JSON pointers.
struct ListConfig {
  std::string path;
  std::string items = "/data";  ///< Empty: the answer is the list.
  std::string next;  ///< Pointer to the next cursor or page; empty: pages until an empty one.
  std::string id = "/id";
  std::string serial = "/serialNumber";
  std::string status;  ///< Empty: a pass that is listed is valid.
};

struct WebhookConfig {
  /// All are accepted: several while one is replaced. None only with `legacy`.
  std::vector<SecretRef> secrets;
  std::chrono::seconds max_skew{300};   ///< Of a signed time stamp against our clock.
  std::chrono::seconds max_age{90000};  ///< Of the event itself: 24 h of retries, and one more.
  std::string signature_header;         ///< Lower case; where the vendor names none.
  bool legacy = false;                  ///< PassNinja's unsigned format as well.
  Origin origin{};
};

struct ProviderConfig {
  std::string name;
  std::string kind;  ///< passninja | passinstance | passmint | passworks
  std::string base_url;
  std::string account_id;  ///< PassNinja, Passworks.
  std::optional<SecretRef> api_key;
  std::string auth = "api_key";  ///< Passinstance: api_key (X-API-Key) | bearer (a JWT).
  std::chrono::seconds refresh{300};
  std::chrono::seconds full_refresh{86400};  ///< Where `refresh` only fetches what changed.
  RedeemConfig redeem;
  std::optional<ListConfig> list;
  std::string get_path;    ///< Passinstance: one pass, e.g. "/passes/{id}"; empty: cannot be asked.
  std::string valid_from;  ///< JSON pointer into a pass; empty: none.
  std::string
      valid_until;  ///< The same; default passinstance /expirationDate, passworks /expiration_date.
  std::optional<WebhookConfig> webhook;
  unsigned page_size = 100;  ///< Default passworks: 50, the most it gives.
  double max_rps = 5.0;      ///< Token bucket. Default passworks: 1.
  std::chrono::milliseconds timeout{10000};
  std::chrono::milliseconds retry_base{1000};     ///< First pause after a failure; doubles.
  std::map<std::string, std::string> status_map;  ///< Provider's status word → canonical state.
  Origin origin;
};

struct SubscriberConfig {
  std::string name;
  std::string url;
  std::vector<std::string> events;
  std::optional<SecretRef> bearer;
  std::vector<SecretRef> secrets;               ///< Standard Webhooks; at least one.
  std::chrono::milliseconds retry_base{10000};  ///< First pause; factor 1.9, 15 attempts.
  unsigned parallel = 4;                        ///< Deliveries at once, of different passes; 1..16.
  std::string origin_name;  ///< "origin": for the CloudEvents OPTIONS handshake; empty: none.
  Origin origin;
};

/// Another holder of Apple keys: PassNinja's decrypt call, or another passgate's.
struct DecryptServiceConfig {
  std::string name;
  std::string url;  ///< The base: ".../v1".
  std::string account_id;
  std::optional<SecretRef> api_key;  ///< Required.
  std::chrono::milliseconds timeout{
      1500};  ///< "timeout_ms": how long a person waits at the reader.
  Origin origin;
};

/// Somebody who may ask us over HTTP.
struct HttpClientConfig {
  std::string account_id;
  std::optional<SecretRef> api_key;    ///< Required.
  std::vector<std::string> roles;      ///< decrypt | display | operator | metrics; at least one.
  std::vector<std::string> templates;  ///< decrypt: `template` or name of a [[pass]]; empty: none.
  double max_rps = 100;                ///< decrypt: calls a second, with a burst of as many.
  Origin origin;
};

struct HttpConfig {
  std::vector<std::string> listen;  ///< "IP:PORT" or "unix:PATH" (absolute).
  std::vector<std::string> hosts = {"localhost", "127.0.0.1", "::1"};  ///< Lower case, no port.
  std::vector<HttpClientConfig> clients;                               ///< account_id differ.
  /// The decrypt route's errors: "flat" {"error":"…","code":"IP1"} or "nested"
  /// {"error":{"message":"…","status_code":400,"code":"IP1"}}, which some clients want.
  std::string decrypt_errors = "flat";
  std::optional<std::filesystem::path> tls_cert;
  std::optional<SecretRef> tls_key;
  Origin origin;
};

/// Everything the files say; immutable for the life of a process (restart is
/// the reload). Both daemons read the same files.
struct Config {
  TerminalConfig terminal;
  std::vector<ReaderConfig> readers;
  std::vector<PassConfig> passes;
  std::vector<ZoneConfig> zones;
  OverrideConfig overrides;  ///< "override", which C++ keeps for itself.
  KeyboardConfig keyboard;
  std::vector<ProviderConfig> providers;
  std::vector<SubscriberConfig> subscribers;
  std::vector<DecryptServiceConfig> decrypt_services;
  std::optional<HttpConfig> http;

  /// The first [[reader]] whose glob fits the PC/SC name; null: it is not ours.
  const ReaderConfig* reader_for(const std::string& pcsc_name) const;
  const PassConfig* pass(std::string_view name) const;
  const ZoneConfig* zone(std::string_view name) const;
  const ProviderConfig* provider(std::string_view name) const;
  const DecryptServiceConfig* decrypt_service(std::string_view name) const;
};

/// One thing wrong with the configuration, for a person: "FILE:LINE: MESSAGE (HINT)".
struct ConfigProblem {
  Origin where;
  std::string message;
  std::string hint;
  std::string text() const;
};

/// Reads `file`, then `conf.d/*.toml` beside it in order of name. Later scalars
/// win, arrays of tables append, a duplicate `name` is refused; so are unknown
/// keys, wrong types, impossible combinations and keys of features this version
/// lacks. Reports every problem found, not only the first.
std::expected<Config, std::vector<ConfigProblem>> load_config(const std::filesystem::path& file);

/// The effective configuration as TOML, each line with its origin as a comment
/// when asked. Secrets appear by reference only, as in the files.
std::string show_config(const std::filesystem::path& file, bool with_origin);

}  // namespace passgate::runtime
