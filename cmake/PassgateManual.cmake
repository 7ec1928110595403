# SPDX-License-Identifier: Apache-2.0
# passgate.toml(5) is docs/example.toml with a head and a tail, so that there is
# one place to say what a key means. Its text is made harmless for roff: a
# backslash would begin a command, and so would a dot at the start of a line.
function(passgate_manual_of_example page example out)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page} ${example})
  file(READ ${example} text)
  string(REPLACE "\\" "\\e" text "${text}")
  string(REPLACE "-" "\\-" text "${text}")
  # Quotes that people copy into a file stay what they are.
  string(REPLACE "'" "\\(aq" text "${text}")
  string(REPLACE "^" "\\(ha" text "${text}")
  string(REPLACE "~" "\\(ti" text "${text}")
  string(REGEX REPLACE "(^|\n)([.])" "\\1\\\\&\\2" text "${text}")
  string(STRIP "${text}" EXAMPLE)
  configure_file(${page} ${out} @ONLY)
endfunction()
