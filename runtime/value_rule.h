// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace passgate::runtime {

// What is wrong with a text of some kind, or nothing. The words follow the name
// of the key: "get_path must begin with /".

/// A JSON pointer (RFC 6901) to something within a document, so not the empty one.
std::optional<std::string> pointer_problem(std::string_view pointer);

/// A path below an address, with {words}: begins with "/", holds only what an
/// address may hold, and no word but these.
std::optional<std::string> path_problem(std::string_view path,
                                        std::span<const std::string_view> words);

/// A path that names one pass: as above with {id} or {serial} or both in it.
std::optional<std::string> pass_path_problem(std::string_view path);

/// The name of an HTTP field (RFC 9110), at most 64 bytes.
std::optional<std::string> field_name_problem(std::string_view name);

/// A host name of letters, digits and hyphens (RFC 1123).
std::optional<std::string> dns_name_problem(std::string_view name);

/// A JSON object, of at most 16 KiB.
std::optional<std::string> json_object_problem(std::string_view text);

/// The first {word} of a text that is not one of these; empty: none.
std::string unknown_word(std::string_view text, std::span<const std::string_view> words);

}  // namespace passgate::runtime
