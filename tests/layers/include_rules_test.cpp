// SPDX-License-Identifier: Apache-2.0
// The folders' rules, first on small examples so that we know they can fail,
// then on the whole source tree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/layers/source_rules.h"

namespace passgate::layers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Violations includes(const char* path, const char* line) {
  return include_violations({path, line});
}

TEST(IncludeRules, LetALayerIncludeItselfAndTheLayersBelow) {
  EXPECT_THAT(includes("apdu/tlv.cpp", "#include \"apdu/tlv.h\"\n#include \"core/bytes.h\"\n"),
              IsEmpty());
  EXPECT_THAT(includes("daemon/app.cpp", "#include \"hid/sink.h\""), IsEmpty());
  EXPECT_THAT(includes("apdu/pcsc/card.cpp", "#include \"apdu/apdu.h\""), IsEmpty());
}

TEST(IncludeRules, RefuseALayerAboveOrBeside) {
  EXPECT_THAT(includes("core/bytes.cpp", "\n#include \"hid/sink.h\""),
              ElementsAre("core/bytes.cpp:2: core may not include hid/sink.h"));
  EXPECT_THAT(includes("hid/layout.cpp", "  #  include \"crypto/digest.h\""),
              ElementsAre("hid/layout.cpp:1: hid may not include crypto/digest.h"));
  EXPECT_THAT(includes("apdu/pcsc/card.cpp", "#include \"crypto/digest.h\""),
              ElementsAre("apdu/pcsc/card.cpp:1: apdu/pcsc may not include crypto/digest.h"));
  EXPECT_THAT(includes("gate/journal.cpp", "#include \"tests/gate/clock.h\""),
              ElementsAre("gate/journal.cpp:1: gate may not include tests/gate/clock.h"));
}

TEST(IncludeRules, LetTestsAndBenchmarksIncludeEverything) {
  EXPECT_THAT(includes("tests/core/a_test.cpp", "#include \"sync/outbox.h\"\n#include <sqlite3.h>"),
              IsEmpty());
  EXPECT_THAT(includes("bench/vas.cpp", "#include \"daemon/app.h\"\n#include <openssl/evp.h>"),
              IsEmpty());
}

TEST(IncludeRules, WantPathsFromTheRepositoryRoot) {
  EXPECT_THAT(includes("hid/layout.cpp", "#include \"layout.h\""),
              ElementsAre("hid/layout.cpp:1: layout.h is not a path from the repository root"));
  EXPECT_THAT(includes("hid/layout.cpp", "#include \"../core/bytes.h\""), testing::SizeIs(1));
  EXPECT_THAT(includes("hid/layout.cpp", "#include <core/bytes.h>"),
              ElementsAre("hid/layout.cpp:1: project header core/bytes.h in angle brackets"));
}

TEST(IncludeRules, RefuseAFolderThatIsNoLayer) {
  EXPECT_THAT(includes("utils/misc.cpp", ""), ElementsAre("utils/misc.cpp: belongs to no layer"));
  EXPECT_THAT(includes("misc.cpp", ""), ElementsAre("misc.cpp: belongs to no layer"));
}

TEST(IncludeRules, KeepForeignHeadersInTheFoldersThatWrapThem) {
  const struct {
    const char* header;
    const char* home;
    const char* elsewhere;
  } cases[] = {
      {"winscard.h", "apdu/pcsc/a.cpp", "sim/reader/a.cpp"},
      {"PCSC/winscard.h", "apdu/pcsc/a.cpp", "apdu/a.cpp"},
      {"reader.h", "sim/reader/a.cpp", "daemon/a.cpp"},
      {"ifdhandler.h", "sim/reader/a.cpp", "apdu/pcsc/a.cpp"},
      {"openssl/evp.h", "crypto/a.cpp", "sync/webhook/a.cpp"},
      {"sqlite3.h", "gate/a.cpp", "sync/a.cpp"},
      {"SQLiteCpp/Database.h", "sync/store/a.cpp", "daemon/a.cpp"},
      {"curl/curl.h", "sync/http/a.cpp", "sync/provider/a.cpp"},
      {"microhttpd.h", "sync/service/a.cpp", "sync/http/a.cpp"},
      {"microhttpd.h", "sim/http/a.cpp", "sim/a.cpp"},
      {"libevdev/libevdev.h", "hid/a.cpp", "daemon/a.cpp"},
      {"xkbcommon/xkbcommon.h", "hid/a.cpp", "cli/a.cpp"},
      {"linux/uinput.h", "hid/a.cpp", "runtime/a.cpp"},
      {"toml++/toml.h", "runtime/a.cpp", "daemon/a.cpp"},
      {"systemd/sd-daemon.h", "runtime/a.cpp", "sync/a.cpp"},
  };
  for (const auto& [header, home, elsewhere] : cases) {
    const std::string line = std::string("#include <") + header + ">";
    EXPECT_THAT(include_violations({home, line}), IsEmpty()) << header;
    EXPECT_THAT(include_violations({elsewhere, line}), testing::SizeIs(1)) << header;
  }
}

TEST(IncludeRules, IgnoreCommentsAndHeadersOfTheSystem) {
  EXPECT_THAT(includes("core/a.cpp", "// #include \"hid/sink.h\"\n#include <vector>\n"), IsEmpty());
}

constexpr const char* kLicence = "// SPDX-License-Identifier: Apache-2.0\n";

TEST(FileRules, WantTheLicenceInTheFirstLine) {
  EXPECT_THAT(file_violations({"core/a.h", kLicence}), IsEmpty());
  EXPECT_THAT(file_violations({"core/a.h", "#pragma once\n"}), testing::SizeIs(1));
  EXPECT_THAT(file_violations({"core/a.h", std::string("\n") + kLicence}), testing::SizeIs(1));
  EXPECT_THAT(file_violations({"core/a.h", ""}), testing::SizeIs(1));
}

TEST(FileRules, RefuseAFileOfMoreThan400Lines) {
  EXPECT_THAT(file_violations({"core/a.h", kLicence + std::string(399, '\n')}), IsEmpty());
  EXPECT_THAT(file_violations({"core/a.h", kLicence + std::string(400, '\n')}),
              ElementsAre("core/a.h: 401 lines, at most 400"));
}

TEST(FileRules, RefuseGetenvOutsideMain) {
  const std::string call = kLicence + std::string("const char* home = std::getenv(\"HOME\");\n");
  EXPECT_THAT(file_violations({"hid/a.cpp", call}),
              ElementsAre("hid/a.cpp:2: getenv outside main.cpp"));
  EXPECT_THAT(file_violations({"daemon/main.cpp", call}), IsEmpty());
  EXPECT_THAT(file_violations({"daemon/domain.cpp", call}), testing::SizeIs(1));
  EXPECT_THAT(file_violations({"hid/a.cpp", std::string(kLicence) + "// no getenv() here\n"}),
              IsEmpty());
}

TEST(FileRules, FindTestsThatNothingBuilds) {
  EXPECT_THAT(stray_test_violations({"tests/core/a_test.cpp", ""}, {"core"}), IsEmpty());
  EXPECT_THAT(stray_test_violations({"tests/hid/programs/b.cpp", ""}, {"hid"}), IsEmpty());
  EXPECT_THAT(stray_test_violations({"tests/lost/a_test.cpp", ""}, {"core"}), testing::SizeIs(1));
  EXPECT_THAT(stray_test_violations({"tests/a_test.cpp", ""}, {"core"}), testing::SizeIs(1));
  EXPECT_THAT(stray_test_violations({"core/a.cpp", ""}, {}), IsEmpty());
}

struct Tree {
  std::vector<SourceFile> sources;
  std::set<std::string> with_cmake;
};

Tree read_tree(const std::filesystem::path& root) {
  Tree tree;
  for (auto entry = std::filesystem::recursive_directory_iterator(root);
       entry != std::filesystem::recursive_directory_iterator(); ++entry) {
    const std::string name = entry->path().filename();
    if (entry->is_directory() &&
        (name.starts_with('.') || (entry.depth() == 0 && name == "build"))) {
      entry.disable_recursion_pending();
    }
    const std::string path = entry->path().lexically_relative(root);
    const bool in_tests = path.starts_with("tests/") && entry.depth() == 2;
    if (in_tests && (name == "tests.cmake" || name == "CMakeLists.txt")) {
      tree.with_cmake.insert(entry->path().parent_path().filename());
    }
    if (!entry->is_regular_file() || !is_source(path)) continue;
    std::ifstream file(entry->path(), std::ios::binary);
    tree.sources.push_back({path, {std::istreambuf_iterator<char>(file), {}}});
  }
  return tree;
}

TEST(SourceTree, KeepsItsRules) {
  const Tree tree = read_tree(PASSGATE_SOURCE_DIR);
  EXPECT_GT(tree.sources.size(), 20U);
  EXPECT_TRUE(tree.with_cmake.contains("layers"));
  Violations found;
  for (const SourceFile& file : tree.sources) {
    for (const auto& violations : {include_violations(file), file_violations(file),
                                   stray_test_violations(file, tree.with_cmake)}) {
      found.insert(found.end(), violations.begin(), violations.end());
    }
  }
  EXPECT_THAT(found, IsEmpty());
}

}  // namespace
}  // namespace passgate::layers
