// SPDX-License-Identifier: Apache-2.0
#include "runtime/secrets.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>

#include "tests/rig/temp_folder.h"

namespace passgate::runtime {
namespace {

SecretRef file_ref(const std::filesystem::path& path) {
  SecretRef ref;
  ref.path = path;
  return ref;
}

SecretRef credential_ref(std::string name) {
  SecretRef ref;
  ref.kind = SecretRef::Kind::credential;
  ref.credential = std::move(name);
  return ref;
}

std::string text(const Result<SecretBytes>& secret) {
  return std::string(text_of(secret.value().expose()));
}

TEST(Secrets, ReadsAFileThatOnlyItsOwnerMayRead) {
  const test::TempFolder dir;
  const std::string bytes("\0key\n", 5);
  EXPECT_EQ(text(resolve(file_ref(dir.write("k", bytes, 0600)), {})), bytes);
  EXPECT_EQ(text(resolve(file_ref(dir.write("l", bytes, 0400)), {})), bytes);
}

TEST(Secrets, RefusesAFileThatOthersMayTouchAndSaysItsMode) {
  const test::TempFolder dir;
  for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0644U}) {
    EXPECT_EQ(resolve(file_ref(dir.write("k", "key", mode)), {}).error(),
              Error(Errc::secret_too_open, static_cast<std::int32_t>(mode)));
  }
}

TEST(Secrets, ChecksTheFileBehindALink) {
  const test::TempFolder dir;
  std::filesystem::create_symlink(dir.write("k", "key", 0644), dir / "open");
  std::filesystem::create_symlink(dir.write("l", "key", 0600), dir / "shut");
  EXPECT_EQ(resolve(file_ref(dir / "open"), {}).error().code(), Errc::secret_too_open);
  EXPECT_EQ(text(resolve(file_ref(dir / "shut"), {})), "key");
}

TEST(Secrets, RefusesWhatIsNoFileWithoutHanging) {
  const test::TempFolder dir;
  ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(resolve(file_ref(dir / "fifo"), {}).error(), Error(Errc::secret_unreadable, EINVAL));
  EXPECT_EQ(resolve(file_ref(dir / ""), {}).error(), Error(Errc::secret_unreadable, EISDIR));
  EXPECT_EQ(resolve(file_ref(dir / "none"), {}).error(), Error(Errc::secret_unreadable, ENOENT));
}

TEST(Secrets, AreBoundedInSizeAndNeverEmpty) {
  const test::TempFolder dir;
  const std::string most(65536, 'x');
  EXPECT_EQ(text(resolve(file_ref(dir.write("k", most)), {})), most);
  EXPECT_EQ(resolve(file_ref(dir.write("k", most + "x")), {}).error(),
            Error(Errc::secret_unreadable, EFBIG));
  EXPECT_EQ(resolve(file_ref(dir.write("k", "")), {}).error(),
            Error(Errc::secret_unreadable, ENODATA));
  EXPECT_EQ(resolve_text(file_ref(dir.write("k", "\n\n")), {}).error(),
            Error(Errc::secret_unreadable, ENODATA));
}

TEST(Secrets, TextLosesItsFinalNewlinesOnly) {
  const test::TempFolder dir;
  EXPECT_EQ(text(resolve_text(file_ref(dir.write("k", "a b\nc \r\n\n")), {})), "a b\nc ");
}

TEST(Credentials, AreReadFromTheirFolderAsSystemdMakesThem) {
  const test::TempFolder dir;
  dir.write("creds/key", "token\n", 0440);
  EXPECT_EQ(text(resolve_text(credential_ref("key"), dir / "creds")), "token");
  dir.write("creds/open", "token\n", 0444);
  EXPECT_EQ(resolve(credential_ref("open"), dir / "creds").error().code(), Errc::secret_too_open);
}

TEST(Credentials, AreMissingWithoutAFolderAndNeverLeaveIt) {
  const test::TempFolder dir;
  dir.write("creds/key", "token");
  dir.write("outside", "token");
  EXPECT_EQ(resolve(credential_ref("key"), {}).error(), Error(Errc::secret_unreadable, ENOENT));
  EXPECT_EQ(resolve(credential_ref("../outside"), dir / "creds").error(),
            Error(Errc::secret_unreadable, ENOENT));
}

}  // namespace
}  // namespace passgate::runtime
