// SPDX-License-Identifier: Apache-2.0
#include "cli/decrypt.h"

#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <streambuf>
#include <utility>

#include "cli/key_files.h"
#include "cli/opened_json.h"

namespace passgate::cli {
namespace {

constexpr std::size_t kMaxLine = std::size_t{64} * 1024;
constexpr std::string_view kBlank = " \t\r\n";

struct Line {
  std::string text;
  bool too_long = false;  ///< Then the rest of the line was read and dropped.
};

std::optional<Line> next_line(std::istream& in) {
  using Traits = std::streambuf::traits_type;
  auto* source = in.rdbuf();
  if (Traits::eq_int_type(source->sgetc(), Traits::eof())) return std::nullopt;
  Line line;
  for (;;) {
    const auto c = source->sbumpc();
    if (Traits::eq_int_type(c, Traits::eof()) || c == '\n') return line;
    line.too_long = line.too_long || line.text.size() == kMaxLine;
    if (!line.too_long) line.text += Traits::to_char_type(c);
  }
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

nlohmann::ordered_json open_line(const crypto::VasKeyRing& ring, const Line& line) {
  if (line.too_long) return error_json(Error(Errc::too_large), "the line is longer than 64 KiB");
  const auto cryptogram = from_hex(trim(line.text));
  if (!cryptogram) {
    return error_json(cryptogram.error(), "not hexadecimal at character " +
                                              std::to_string(cryptogram.error().detail() + 1));
  }
  return opened_json(ring.id(), *cryptogram, ring.open(*cryptogram));
}

}  // namespace

int run_decrypt(const DecryptOptions& options, std::istream& in, std::ostream& out,
                std::ostream& err) {
  crypto::VasKeyRing ring{PassTypeId(options.pass_type_id)};
  if (const int status = add_key_files(options.keys, ring, err); status != EX_OK) return status;

  bool all_opened = true;
  const auto answer = [&](const Line& line) {
    const auto result = open_line(ring, line);
    all_opened = all_opened && !result.contains("error");
    out << one_line(result) << '\n' << std::flush;
    return out.good();
  };
  if (options.input && *options.input != "-") {
    if (!answer({.text = *options.input})) return EX_IOERR;
  } else {
    while (const auto line = next_line(in)) {
      if (!answer(*line)) return EX_IOERR;
    }
  }
  return all_opened ? EX_OK : EX_DATAERR;
}

void add_decrypt(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<DecryptOptions>();
  auto* command =
      app.add_subcommand("decrypt", "Open Apple VAS data: one JSON line per input line");
  command->add_option("--key", options->keys, "P-256 private key: PEM, DER or 32 bytes; repeatable")
      ->type_name("FILE")
      ->required()
      ->allow_extra_args(false);
  command->add_option("--pass-type-id", options->pass_type_id, "e.g. pass.com.example.ticket")
      ->type_name("ID")
      ->required()
      ->check([](const std::string& id) { return id.empty() ? "is empty" : ""; });
  command->add_option("hex", options->input, "VAS data in hex; - or none: lines of standard input")
      ->type_name("HEX|-");
  command->callback([options, &exit_status] {
    exit_status = run_decrypt(*options, std::cin, std::cout, std::cerr);
  });
}

}  // namespace passgate::cli
