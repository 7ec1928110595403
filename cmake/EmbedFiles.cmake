# SPDX-License-Identifier: Apache-2.0
# Files as a part of the program.
#
#   passgate_embed(OUT generated.cpp HEADER sync/screens/assets.h FILES a.html languages/de.json …)
#
# writes a source that defines what the header declares: a table of name (without
# folder), content type and content. It is written anew when one of the files
# changes. Run as a script (cmake -P), this file writes that source.

set(PASSGATE_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(passgate_embed)
  cmake_parse_arguments(ARG "" "OUT;HEADER" "FILES" ${ARGN})
  add_custom_command(
    OUTPUT ${ARG_OUT}
    COMMAND ${CMAKE_COMMAND} "-DOUT=${ARG_OUT}" "-DHEADER=${ARG_HEADER}" "-DFILES=${ARG_FILES}"
            -P ${PASSGATE_EMBED_SCRIPT}
    DEPENDS ${ARG_FILES} ${PASSGATE_EMBED_SCRIPT}
    COMMENT "Embedding the screens"
    VERBATIM)
endfunction()

function(passgate_content_type name result)
  set(.html "text/html; charset=utf-8")
  set(.css "text/css; charset=utf-8")
  set(.js "text/javascript; charset=utf-8")
  set(.json "application/json")
  set(.svg "image/svg+xml")
  get_filename_component(ending ${name} LAST_EXT)
  if(NOT DEFINED ${ending})
    message(FATAL_ERROR "${name}: nobody knows its content type")
  endif()
  set(${result} "${${ending}}" PARENT_SCOPE)
endfunction()

# A row of the table: {"name", "content type", {"\x3c\x21…", size}},
function(passgate_embedded_row path result)
  get_filename_component(name ${path} NAME)
  passgate_content_type(${name} content_type)
  file(READ ${path} hex HEX)
  file(SIZE ${path} size)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" escaped "${hex}")
  # A long literal, cut where a person's editor can bear it.
  string(REPEAT "...." 32 line)
  string(REGEX REPLACE "(${line})" "\\1\"\n\"" escaped "${escaped}")
  set(${result} "    Asset{\"${name}\", \"${content_type}\",\n{\"${escaped}\", ${size}}},\n" PARENT_SCOPE)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE)
  set(rows "")
  foreach(path IN LISTS FILES)
    passgate_embedded_row(${path} row)
    string(APPEND rows "${row}")
  endforeach()
  file(WRITE ${OUT}
    "// SPDX-License-Identifier: Apache-2.0\n// Made by cmake/EmbedFiles.cmake.\n"
    "#include \"${HEADER}\"\n\n#include <array>\n\n"
    "namespace passgate::sync {\nnamespace {\n\nconstexpr std::array kAssets{\n${rows}};\n\n}  // namespace\n\n"
    "std::span<const Asset> assets() noexcept {\n  return kAssets;\n}\n\n}  // namespace passgate::sync\n")
endif()
