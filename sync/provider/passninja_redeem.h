// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "sync/provider/passninja.h"

namespace passgate::sync {

/// PATCH /passes/{template}/{serial} {"pass":{…}}. The values are absolute, so
/// a request whose answer was lost is simply sent again. (Never PUT: it resets
/// every field that is not named.)
class PassNinjaPatch final : public RedeemSession {
 public:
  /// @param settings  Borrowed from the provider.
  /// @param fields    Field → value, placeholders not yet replaced.
  PassNinjaPatch(const PassNinja::Settings& settings, const RedemptionOrder& order,
                 const std::map<std::string, std::string>& fields);

  RedeemStep start() override { return Send{request_, std::nullopt}; }
  RedeemStep take(const Result<HttpAnswer>& answer, WallTime now) override;

 private:
  HttpRequest request_;
};

/// A write that has an effect each time, and that PassNinja offers no way to look
/// for afterwards. Its memo says that it may have been sent. An answer which
/// proves that it had no effect takes the memo back, by a harmless read that
/// carries an empty one: the session after this one would else mistake its own
/// success for a second one.
class PassNinjaOnce : public RedeemSession {
 public:
  RedeemStep start() final { return Send{write_, "sent"}; }
  RedeemStep take(const Result<HttpAnswer>& answer, WallTime now) final;

 protected:
  /// @param write     Has the effect.
  /// @param harmless  Has none; its answer does not matter.
  PassNinjaOnce(HttpRequest write, HttpRequest harmless, std::string_view memo)
      : sent_before_(!memo.empty()), write_(std::move(write)), harmless_(std::move(harmless)) {}

  struct Verdict {
    RedeemStep step;
    bool no_effect = false;  ///< It is certain that the write changed nothing.
  };
  /// What an answer to the write means.
  virtual Verdict judge(const HttpAnswer& answer, WallTime now) const = 0;
  /// A refusal: whether it proves that nothing happened.
  static Verdict refusal(const Failure& failure, int status);

  const bool sent_before_;  ///< An earlier session's write may have had its effect.

 private:
  HttpRequest write_;
  HttpRequest harmless_;
  std::optional<Failure> taking_back_;  ///< The outcome, once the memo is taken back.
};

/// POST /scans as the reader.
class PassNinjaScan final : public PassNinjaOnce {
 public:
  PassNinjaScan(const PassNinja::Settings& settings, const RedemptionOrder& order,
                std::string_view memo);

 private:
  Verdict judge(const HttpAnswer& answer, WallTime now) const override;
};

/// DELETE /passes/{template}/{serial}. Irreversible.
class PassNinjaRemove final : public PassNinjaOnce {
 public:
  PassNinjaRemove(const PassNinja::Settings& settings, const RedemptionOrder& order,
                  std::string_view memo);

 private:
  Verdict judge(const HttpAnswer& answer, WallTime now) const override;
};

}  // namespace passgate::sync
