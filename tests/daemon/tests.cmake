passgate_tests(daemon TIMEOUT 300
  LINK passgate_rig passgate_sim_demo passgate_sim_reader passgate_sim_tap PkgConfig::CURL
  DEFINE PASSGATE_TRACE_SUBJECT="${CMAKE_BINARY_DIR}/tests/trace_subject")
add_dependencies(test_daemon passgate passgated passgate-syncd passgate-sim trace_subject)
