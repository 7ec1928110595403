# SPDX-License-Identifier: Apache-2.0
# What every target of ours gets: include paths from the repository root, the
# warnings, the hardening and, when asked, the sanitizers.

add_library(passgate_options INTERFACE)
target_include_directories(passgate_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(passgate_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Wundef -Wno-missing-field-initializers -fstack-protector-strong
  # Errors name their place in the source tree, not on the machine that built it.
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
target_compile_definitions(passgate_options INTERFACE PASSGATE_VERSION="${PROJECT_VERSION}")
if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_definitions(passgate_options INTERFACE _FORTIFY_SOURCE=2)
endif()
target_link_options(passgate_options INTERFACE -Wl,-z,relro,-z,now)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(passgate_options INTERFACE -Wthread-safety)
endif()
if(PASSGATE_SANITIZE)
  target_compile_options(passgate_options INTERFACE
    -fsanitize=${PASSGATE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(passgate_options INTERFACE -fsanitize=${PASSGATE_SANITIZE})
endif()
if(PASSGATE_FUZZ)
  target_compile_options(passgate_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(passgate_options INTERFACE -fsanitize=fuzzer-no-link)
  target_compile_definitions(passgate_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()

# Reads what most sources include once for the whole target: a build from nothing
# takes two thirds of the time. Not for daily work, where it would hide an include
# that is missing.
option(PASSGATE_PRECOMPILE "Precompile the headers of the libraries we use" OFF)
function(passgate_precompile target sources libraries)
  list(LENGTH sources count)
  if(NOT PASSGATE_PRECOMPILE OR count LESS 5)
    return()
  endif()
  set(headers <algorithm> <array> <chrono> <cstdint> <expected> <filesystem> <functional> <map> <memory> <mutex>
    <optional> <span> <string> <string_view> <thread> <utility> <variant> <vector>)
  # Both come with passgate_runtime, too.
  if(libraries MATCHES "nlohmann_json|passgate_runtime")
    list(APPEND headers <fmt/format.h> <nlohmann/json.hpp>)
  endif()
  if("CLI11::CLI11" IN_LIST libraries)
    list(APPEND headers <CLI/CLI.hpp>)
  endif()
  target_precompile_headers(${target} PRIVATE ${headers})
  # What ccache needs to see through it.
  target_compile_options(${target} PRIVATE -fpch-preprocess)
endfunction()

# passgate_library(apdu SOURCES a.cpp b.cpp LINK passgate_core …)
# A static library `passgate_<name>` of one folder.
function(passgate_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(passgate_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(passgate_${name} PUBLIC passgate_options ${ARG_LINK} PRIVATE ${ARG_PRIVATE_LINK})
  passgate_precompile(passgate_${name} "${ARG_SOURCES}" "${ARG_LINK};${ARG_PRIVATE_LINK}")
endfunction()

# passgate_program(passgated SOURCES main.cpp LINK passgate_daemon)
function(passgate_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE passgate_options ${ARG_LINK})
  passgate_precompile(${name} "${ARG_SOURCES}" "${ARG_LINK}")
endfunction()
