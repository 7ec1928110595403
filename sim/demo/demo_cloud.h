// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace passgate::sim {

/// What the demo has to know of a pass cloud; the rest is the same for all four.
struct DemoCloud {
  std::string kind;
  std::string pass_template;
  std::string account;  ///< Empty: it has none.
  std::string base;     ///< Behind the sandbox's URL.
  std::string key_prefix;
  std::string provider;  ///< TOML: what its [[provider]] has besides name, kind, base_url, api_key.
  std::string webhook;   ///< TOML: what proves its pushes, besides the secrets.
  std::vector<std::string> sandbox;  ///< More arguments of `passgate-sim cloud`.
  nlohmann::json expired;            ///< What makes a pass an expired one.
  std::string use_method;            ///< The request that records a use …
  std::string use_path_end;          ///< … and how its path ends behind the pass's id.
  std::size_t requests_of_a_sweep = 1;
};

/// Null: there is no such kind.
const DemoCloud* demo_cloud(const std::string& kind);
std::vector<std::string> demo_cloud_kinds();

}  // namespace passgate::sim
