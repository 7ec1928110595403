// SPDX-License-Identifier: Apache-2.0
#include "daemon/reader_choice.h"

#include <algorithm>

namespace passgate::daemon {

std::string reader_name(const runtime::Config& config, const std::string& pcsc_name) {
  const runtime::ReaderConfig* reader = config.reader_for(pcsc_name);
  return reader == nullptr || reader->name.empty() ? pcsc_name : reader->name;
}

bool asks_for(const runtime::ReaderConfig& reader, const PassTerms& terms) {
  return reader.passes.empty() ||
         std::ranges::find(reader.passes, terms.name) != reader.passes.end();
}

std::vector<const PassTerms*> passes_of(const runtime::ReaderConfig& reader,
                                        const std::vector<PassTerms>& passes) {
  std::vector<const PassTerms*> asked;
  for (const PassTerms& terms : passes) {
    if (asks_for(reader, terms)) asked.push_back(&terms);
  }
  return asked;
}

}  // namespace passgate::daemon
