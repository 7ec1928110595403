// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "daemon/pass_terms.h"
#include "runtime/config.h"

namespace passgate::daemon {

/// What events call a reader of pcscd: the name of its `[[reader]]`, else its own.
std::string reader_name(const runtime::Config& config, const std::string& pcsc_name);

/// Whether a reader asks for a pass.
bool asks_for(const runtime::ReaderConfig& reader, const PassTerms& terms);

/// The passes that a reader asks for, in the order of the configuration.
/// @param passes  Outlives what is returned.
std::vector<const PassTerms*> passes_of(const runtime::ReaderConfig& reader,
                                        const std::vector<PassTerms>& passes);

}  // namespace passgate::daemon
