# SPDX-License-Identifier: Apache-2.0
# What every target of ours gets: include paths from the repository root, the
# warnings, the hardening and, when asked, the sanitizers.

option(PASSGATE_ONE_PIECE "Compile each folder as one source: quick from nothing, slow after a change" OFF)
# In a piece, warnings of names would speak of what another file has.
set(PASSGATE_NAME_WARNINGS
  $<IF:$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>,$<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>,-Wshadow>)

add_library(passgate_options INTERFACE)
target_include_directories(passgate_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(passgate_options INTERFACE
  -Wall -Wextra -Wpedantic ${PASSGATE_NAME_WARNINGS} -Wconversion -Wsign-conversion -Wnon-virtual-dtor
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

# Each folder of a target as one source (docs/adr/0028-built-in-one-piece.md). What
# is generated stays by itself.
function(passgate_in_one_piece target sources)
  if(NOT PASSGATE_ONE_PIECE)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  foreach(source IN LISTS sources)
    if(IS_ABSOLUTE ${source})
      continue()
    endif()
    cmake_path(GET source PARENT_PATH folder)
    string(MAKE_C_IDENTIFIER "of_${folder}" group)
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
endfunction()

# passgate_library(apdu SOURCES a.cpp b.cpp LINK passgate_core …)
# A static library `passgate_<name>` of one folder.
function(passgate_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(passgate_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(passgate_${name} PUBLIC passgate_options ${ARG_LINK} PRIVATE ${ARG_PRIVATE_LINK})
  passgate_in_one_piece(passgate_${name} "${ARG_SOURCES}")
endfunction()

# passgate_program(passgated SOURCES main.cpp LINK passgate_daemon)
function(passgate_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE passgate_options ${ARG_LINK})
  passgate_in_one_piece(${name} "${ARG_SOURCES}")
endfunction()
