// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/demo/scene.h"

namespace passgate::sim {

/// One tap of the demo: how the phone is, and what must come of it.
struct DemoTap {
  std::string title;
  std::size_t reader;              ///< 0: the gate, 1: the till.
  std::vector<std::string> phone;  ///< Arguments of `passgate-sim tap`.
  std::string decision;
  std::string reason;
  std::string typed;  ///< Exactly what the keyboard must get.
};

/// The taps in their order, for a scene that runs.
std::vector<DemoTap> demo_taps(const Scene& scene, const std::filesystem::path& fixtures);

}  // namespace passgate::sim
