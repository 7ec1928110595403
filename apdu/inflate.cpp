// SPDX-License-Identifier: Apache-2.0
#include "apdu/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <climits>
#include <utility>

#include "core/require.h"

namespace passgate::apdu {
namespace {

constexpr std::size_t kFirstGuess = 4096;  // most bundles; doubled while it is too little

/// inflate(3)'s state with an owner.
class Stream {
 public:
  explicit Stream(ByteView in) {
    PG_REQUIRE(in.size() <= UINT_MAX && inflateInit(&state_) == Z_OK);
    state_.next_in = const_cast<Bytef*>(in.data());  // zlib does not write to it
    state_.avail_in = static_cast<uInt>(in.size());
  }
  ~Stream() { inflateEnd(&state_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Fills `out` from `written` on; what zlib says.
  int run(std::span<std::uint8_t> out, std::size_t written) {
    state_.next_out = out.data() + written;
    state_.avail_out = static_cast<uInt>(out.size() - written);
    return ::inflate(&state_, Z_NO_FLUSH);
  }
  std::size_t written() const noexcept { return state_.total_out; }
  bool has_read_all() const noexcept { return state_.avail_in == 0; }

 private:
  z_stream state_ = {};
};

}  // namespace

Result<SecretBytes> inflate(ByteView stream, std::size_t most) {
  Stream state(stream);
  SecretBytes out(std::min(kFirstGuess, most + 1));  // one more, to see that it is too much
  for (;;) {                                         // ends: the output doubles up to that
    const int said = state.run(out.writable(), state.written());
    if (said == Z_STREAM_END) break;
    const bool is_full = state.written() == out.size();
    if ((said != Z_OK && said != Z_BUF_ERROR) || !is_full) return fail(Errc::bad_compression);
    if (out.size() > most) return fail(Errc::too_large);
    SecretBytes larger(std::min(out.size() * 2, most + 1));
    std::ranges::copy(out.expose(), larger.writable().begin());
    out = std::move(larger);
  }
  if (!state.has_read_all()) return fail(Errc::bad_compression);
  if (state.written() > most) return fail(Errc::too_large);
  out.shrink(state.written());
  return out;
}

}  // namespace passgate::apdu
