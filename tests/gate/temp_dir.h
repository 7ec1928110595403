// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <cstdint>

#include "tests/rig/temp_folder.h"

namespace passgate::gate {

enum class Medium : std::uint8_t {
  memory,  ///< Syncing costs nothing there; for tests whose disk is simulated, or small.
  disk,
};

/// A fresh directory, removed with everything in it.
class TempDir : public test::TempFolder {
 public:
  explicit TempDir(Medium medium = Medium::memory) : TempFolder(place_of(medium)) {}

 private:
  static const char* place_of(Medium medium) {
    constexpr auto kSharedMemory = "/dev/shm";
    const bool usable = ::access(kSharedMemory, W_OK | X_OK) == 0;
    return medium == Medium::memory && usable ? kSharedMemory : "/tmp";
  }
};

}  // namespace passgate::gate
