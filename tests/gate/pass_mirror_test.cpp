// SPDX-License-Identifier: Apache-2.0
#include "gate/pass_mirror.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/gate/as_nobody.h"
#include "tests/gate/mirror_writer.h"
#include "tests/gate/sample_taps.h"
#include "tests/gate/temp_dir.h"

namespace passgate::gate {
namespace {

using namespace std::chrono_literals;
using Knowledge = Belief::Knowledge;
namespace fs = std::filesystem;

class PassMirrorTest : public testing::Test {
 protected:
  fs::path path() const { return dir_ / "passes.db"; }
  Belief look_up(const std::string& id) { return mirror_.look_up("main", kTemplate, id); }
  void fill() {
    MirrorWriter writer(path());
    writer.pass("a", "valid");
    writer.sweep_completed(evening());
  }

  TempDir dir_;
  PassMirror mirror_{path()};
};

TEST_F(PassMirrorTest, TellsWhatTheProviderSaid) {
  MirrorWriter writer(path());
  writer.pass("a", "valid");
  writer.pass("b", "voided", evening() - 1h, evening() + 1h);
  writer.sweep_completed(evening());
  const Belief a = look_up("a");
  EXPECT_EQ(a.knowledge, Knowledge::listed);
  EXPECT_EQ(a.state, PassState::valid);
  EXPECT_FALSE(a.valid_from || a.valid_until);
  EXPECT_EQ(a.swept_at, evening());
  const Belief b = look_up("b");
  EXPECT_EQ(b.state, PassState::voided);
  EXPECT_EQ(b.valid_from, evening() - 1h);
  EXPECT_EQ(b.valid_until, evening() + 1h);
}

TEST_F(PassMirrorTest, TellsEveryStateAndAnUnheardOneAsUnknown) {
  MirrorWriter writer(path());
  for (const std::string state :
       {"valid", "redeemed", "voided", "expired", "not_yet_valid", "unknown"}) {
    writer.pass("a", state);
    EXPECT_EQ(name(look_up("a").state), state);
  }
  writer.pass("a", "frozen");
  EXPECT_EQ(look_up("a").state, PassState::unknown);
  EXPECT_EQ(look_up("a").knowledge, Knowledge::listed);
}

TEST_F(PassMirrorTest, DoesNotKnowAPassOfAnotherProviderOrTemplate) {
  fill();
  EXPECT_EQ(look_up("b").knowledge, Knowledge::not_listed);
  EXPECT_EQ(look_up("A").knowledge, Knowledge::not_listed);
  EXPECT_EQ(look_up("a").knowledge, Knowledge::listed);
  EXPECT_EQ(mirror_.look_up("main", "ptk_0x15", "a").knowledge, Knowledge::no_mirror);
  EXPECT_EQ(mirror_.look_up("other", kTemplate, "a").knowledge, Knowledge::no_mirror);
}

TEST_F(PassMirrorTest, SaysNothingOfUnlistedPassesBeforeTheFirstCompleteSweep) {
  MirrorWriter writer(path());
  EXPECT_EQ(look_up("a").knowledge, Knowledge::no_mirror);
  writer.sweep_completed(std::nullopt);
  EXPECT_EQ(look_up("a").knowledge, Knowledge::no_mirror);
  writer.pass("a", "valid");  // a push may come before the sweep ends
  EXPECT_EQ(look_up("a").knowledge, Knowledge::listed);
  EXPECT_FALSE(look_up("a").swept_at);
  writer.sweep_completed(evening());
  EXPECT_EQ(look_up("b").knowledge, Knowledge::not_listed);
}

TEST_F(PassMirrorTest, SurvivesTheAbsenceOfTheFileAndSeesItCome) {
  EXPECT_EQ(look_up("a").knowledge, Knowledge::no_mirror);
  EXPECT_FALSE(fs::exists(path()));
  std::ofstream(path()).close();  // just created, still empty
  EXPECT_EQ(look_up("a").knowledge, Knowledge::no_mirror);
  fill();
  EXPECT_EQ(look_up("a").knowledge, Knowledge::listed);
}

TEST_F(PassMirrorTest, FollowsAFileThatIsReplacedOrRemoved) {
  fill();
  ASSERT_EQ(look_up("a").state, PassState::valid);
  {
    MirrorWriter other(dir_ / "next.db");
    other.pass("a", "voided");
    other.sweep_completed(evening());
    ASSERT_TRUE(other.truncates_log());
  }
  for (const char* rest : {"-wal", "-shm"}) fs::remove(path().string() + rest);
  fs::rename(dir_ / "next.db", path());
  EXPECT_EQ(look_up("a").state, PassState::voided);
  fs::remove(path());
  EXPECT_EQ(look_up("a").knowledge, Knowledge::no_mirror);
}

TEST_F(PassMirrorTest, SurvivesDamageAndRecoversWithTheFile) {
  for (const std::string& damage : {std::string(8192, 'x'), std::string("SQLite format 3"),
                                    std::string("SQLite format 3\0", 16) + std::string(4080, 0)}) {
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << damage;
    EXPECT_EQ(look_up("a").knowledge, Knowledge::no_mirror);
  }
  fs::remove(path());
  fill();
  EXPECT_EQ(look_up("a").knowledge, Knowledge::listed);
}

TEST_F(PassMirrorTest, SurvivesADamagedPageUnderAnOpenConnection) {
  fill();
  ASSERT_EQ(look_up("a").knowledge, Knowledge::listed);
  {
    MirrorWriter writer(path());
    for (int i = 0; i < 2000; ++i) writer.pass("p" + std::to_string(i), "valid");
    ASSERT_TRUE(writer.truncates_log());
  }
  std::fstream file(path(), std::ios::binary | std::ios::in | std::ios::out);
  const auto size = fs::file_size(path());
  for (std::uint64_t page = 1; page < size / 4096; ++page) {
    file.seekp(static_cast<std::streamoff>(page * 4096));
    file << std::string(4096, '\xA5');
  }
  file.close();
  EXPECT_EQ(look_up("p1999").knowledge, Knowledge::no_mirror);
}

TEST_F(PassMirrorTest, DoesNotReadASchemaOfAnotherVersion) {
  fill();
  MirrorWriter(path()).exec("PRAGMA user_version = 4");
  EXPECT_EQ(look_up("a").knowledge, Knowledge::no_mirror);
}

// The file belongs to the process with the network. If that is taken over, it
// may get guests in, but not stop the gate.
TEST_F(PassMirrorTest, IsNotHeldUpByASchemaMadeToRunForever) {
  fill();
  MirrorWriter writer(path());
  writer.exec(
      "DROP TABLE passes; CREATE VIEW passes AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
      " SELECT i + 1 FROM n) SELECT 'main' AS provider, 'ptk_0x14' AS template, 'a' AS join_value,"
      " 'valid' AS state, NULL AS valid_from, NULL AS valid_until FROM n WHERE i < 0");
  EXPECT_EQ(look_up("a").knowledge, Knowledge::no_mirror);
}

TEST_F(PassMirrorTest, IsNotHeldUpByAnIndexlessTableAsLargeAsYouLike) {
  fill();
  MirrorWriter writer(path());
  writer.exec(
      "DROP TABLE passes; CREATE TABLE passes(provider, template, join_value, state, valid_from,"
      " valid_until); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE"
      " i < 100000) INSERT INTO passes SELECT 'main', 'ptk_0x14', i, 'valid', 0, 0 FROM n");
  EXPECT_EQ(look_up("a").knowledge, Knowledge::no_mirror);
}

TEST_F(PassMirrorTest, TakesNoValueAsLargeAsYouLike) {
  fill();
  MirrorWriter(path()).exec("UPDATE passes SET state = replace(hex(zeroblob(1000000)), '0', 'x')");
  EXPECT_EQ(look_up("a").knowledge, Knowledge::no_mirror);
}

TEST_F(PassMirrorTest, AnswersAnyNumberOfTimesOnOneConnection) {
  fill();
  for (int i = 0; i < 20'000; ++i) ASSERT_EQ(look_up("a").knowledge, Knowledge::listed) << i;
}

TEST_F(PassMirrorTest, KeepsNoLockBetweenTwoCalls) {
  MirrorWriter writer(path());
  writer.pass("a", "valid");
  writer.sweep_completed(evening());
  ASSERT_EQ(look_up("a").knowledge, Knowledge::listed);
  ASSERT_EQ(look_up("b").knowledge, Knowledge::not_listed);
  EXPECT_TRUE(writer.truncates_log());
  writer.pass("a", "voided");
  EXPECT_EQ(look_up("a").state, PassState::voided);
  EXPECT_TRUE(writer.truncates_log());
}

TEST_F(PassMirrorTest, AnswersWhileTheWriterIsInATransaction) {
  MirrorWriter writer(path());
  writer.pass("a", "valid");
  writer.sweep_completed(evening());
  writer.exec("BEGIN IMMEDIATE");
  writer.pass("a", "voided");
  EXPECT_EQ(look_up("a").state, PassState::valid);
  writer.exec("COMMIT");
  EXPECT_EQ(look_up("a").state, PassState::voided);
}

TEST_F(PassMirrorTest, AnswersNoMirrorWhileTheFileIsLockedAndReadsItAfterwards) {
  MirrorWriter writer(path());
  writer.pass("a", "valid");
  writer.sweep_completed(evening());
  writer.exec("PRAGMA locking_mode=EXCLUSIVE; UPDATE passes SET sweep = 2");
  EXPECT_EQ(look_up("a").knowledge, Knowledge::no_mirror);
  writer.exec("PRAGMA locking_mode=NORMAL; UPDATE passes SET sweep = 3");
  EXPECT_EQ(look_up("a").knowledge, Knowledge::listed);
}

TEST_F(PassMirrorTest, FindsAFileWhosePathHasAMeaningInAUri) {
  const fs::path odd = dir_ / "a?b#c%41 d.db";
  {
    MirrorWriter writer(odd);
    writer.pass("a", "valid");
    writer.sweep_completed(evening());
  }
  PassMirror mirror(odd);
  EXPECT_EQ(mirror.look_up("main", kTemplate, "a").knowledge, Knowledge::listed);
}

TEST_F(PassMirrorTest, AsksWithAnyTextWithoutHarm) {
  fill();
  for (const std::string id : {"", "'; DROP TABLE passes; --", "\xFF"}) {
    EXPECT_EQ(look_up(id).knowledge, Knowledge::not_listed);
  }
  EXPECT_EQ(look_up(std::string("a\0", 2)).knowledge, Knowledge::not_listed);
  EXPECT_EQ(look_up(std::string(1'000'000, 'a')).knowledge, Knowledge::no_mirror);
  EXPECT_EQ(look_up("a").knowledge, Knowledge::listed);
}

// The other daemon's directory is read-only for this process, and so are its
// files: with the writer there, after its clean stop, and after its death.
class PassMirrorWithoutPermission : public PassMirrorTest {
 protected:
  ~PassMirrorWithoutPermission() override { fs::permissions(dir_.path(), fs::perms(0755)); }
  bool reads() {
    fs::permissions(dir_.path(), fs::perms(0555));
    for (const auto& entry : fs::directory_iterator(dir_.path())) {
      fs::permissions(entry.path(), fs::perms(0444));
    }
    return as_nobody([&] { return look_up("a").knowledge == Knowledge::listed ? 0 : 1; }) == 0;
  }
};

TEST_F(PassMirrorWithoutPermission, ReadsWhileTheWriterIsThere) {
  MirrorWriter writer(path());
  writer.pass("a", "valid");
  EXPECT_TRUE(reads());
}

TEST_F(PassMirrorWithoutPermission, ReadsAfterACleanStopOfTheWriter) {
  fill();
  ASSERT_TRUE(fs::exists(path().string() + "-wal"));
  EXPECT_TRUE(reads());
}

TEST_F(PassMirrorWithoutPermission, ReadsAfterTheDeathOfTheWriter) {
  const pid_t child = ::fork();
  if (child == 0) {
    MirrorWriter writer(path());
    writer.pass("a", "valid");
    ::_exit(0);  // nothing is closed
  }
  ::waitpid(child, nullptr, 0);
  ASSERT_GT(fs::file_size(path().string() + "-wal"), 0U);
  EXPECT_TRUE(reads());
}

TEST_F(PassMirrorTest, AnswersManyReadersWhileAWriterSweeps) {
  MirrorWriter writer(path());
  writer.pass("a", "valid");
  writer.sweep_completed(evening());
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  const auto read = [&] {
    PassMirror mirror(path());
    while (!done) {
      const Belief belief = mirror.look_up("main", kTemplate, "a");
      // A pass and its sweep change in one transaction, so they are seen as one.
      const bool voided = belief.state == PassState::voided;
      const auto expected = voided ? evening() + 1h : evening();
      if (belief.knowledge != Knowledge::listed || belief.swept_at != expected) ++wrong;
    }
  };
  {
    const std::jthread first(read), second(read);
    for (int i = 0; i < 300; ++i) {
      const bool voided = i % 2 == 0;
      writer.exec("BEGIN IMMEDIATE");
      writer.pass("a", voided ? "voided" : "valid");
      for (int n = 0; n < 20; ++n) writer.pass("p" + std::to_string(i * 20 + n), "valid");
      writer.sweep_completed(voided ? evening() + 1h : evening());
      writer.exec("COMMIT");
      if (i % 50 == 0) writer.exec("PRAGMA wal_checkpoint(PASSIVE)");
    }
    done = true;
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(writer.truncates_log());
}

}  // namespace
}  // namespace passgate::gate
