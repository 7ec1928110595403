# The power-cut campaigns run a thousand crashes: minutes on a slow machine with sanitizers.
passgate_tests(gate TIMEOUT 300
  LINK passgate_gate SQLiteCpp PkgConfig::SQLITE nlohmann_json::nlohmann_json Threads::Threads)
