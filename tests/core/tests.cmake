passgate_tests(core LINK passgate_core)
