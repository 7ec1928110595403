// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passinstance.h"

#include "sync/provider/passinstance_look_up.h"
#include "sync/provider/passinstance_redeem.h"
#include "sync/provider/passinstance_requests.h"
#include "sync/provider/passinstance_sweep.h"

namespace passgate::sync {

std::unique_ptr<SweepSession> Passinstance::sweep(const ProviderTemplate& of,
                                                  std::string_view checkpoint) const {
  if (!settings_.list) return nullptr;
  return std::make_unique<PassinstanceSweep>(settings_, of, checkpoint);
}

std::unique_ptr<LookUpSession> Passinstance::look_up(const ProviderTemplate& of,
                                                     const PassNames& pass) const {
  auto path = passinstance_path(settings_.get_path, {of.pass_template, pass.id, pass.serial});
  if (!path) return nullptr;
  return std::make_unique<PassinstanceLookUp>(settings_, of, pass, std::move(*path));
}

std::unique_ptr<RedeemSession> Passinstance::redeem(const RedemptionOrder& order,
                                                    std::string_view /*memo*/) const {
  if (settings_.recording == Recording::void_pass) {
    return std::make_unique<PassinstanceVoid>(settings_, order);
  }
  return std::make_unique<PassinstanceUpdate>(settings_, order, settings_.fields);
}

std::unique_ptr<RedeemSession> Passinstance::undo(const RedemptionOrder& order,
                                                  std::string_view /*memo*/) const {
  if (settings_.recording != Recording::update || settings_.undo_fields.empty()) return nullptr;
  return std::make_unique<PassinstanceUpdate>(settings_, order, settings_.undo_fields);
}

}  // namespace passgate::sync
