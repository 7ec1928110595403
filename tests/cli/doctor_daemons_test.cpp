// SPDX-License-Identifier: Apache-2.0
// `passgate doctor`: daemons, clock, pcscd, readers and what is between them.
#include <cerrno>

#include "tests/cli/doctor_fixture.h"

namespace passgate::cli::doctor {
namespace {

using DoctorDaemons = Doctor;
using DoctorReaders = Doctor;
using DoctorDrivers = Doctor;

TEST_F(DoctorDaemons, SaysWhatIsConfiguredAndWhatIsNot) {
  expect(only(check_configuration), Health::ok, "1 readers, 1 passes");
  configure("");
  const auto found = check_configuration(subject);
  ASSERT_EQ(found.size(), 2U);
  expect(found[1], Health::warn, "no [[pass]]",
         "sudo passgate keys new /etc/passgate/keys/ticket.pem");
}

TEST_F(DoctorDaemons, SaysSinceWhenPassgatedRuns) {
  expect(only(check_passgated), Health::ok, "since 2026-11-20T18:59:00Z");
}

TEST_F(DoctorDaemons, SaysHowToStartADaemonThatDoesNotRun) {
  subject.core = passgate::fail(Errc::unreachable, ECONNREFUSED);
  subject.sync = passgate::fail(Errc::unreachable, ENOENT);
  expect(only(check_passgated), Health::fail, "not running", "sudo systemctl start passgated");
  expect(only(check_syncd), Health::fail, "not running", "sudo systemctl start passgate-syncd");
  subject.core = passgate::fail(Errc::deadline_exceeded);
  expect(only(check_passgated), Health::fail, "does not answer",
         "sudo systemctl restart passgated");
}

TEST_F(DoctorDaemons, SendsAUserOfAnotherGroupToSudo) {
  subject.is_root = false;
  subject.config_file = "/etc/passgate/passgate.toml";
  subject.core = passgate::fail(Errc::unreachable, EACCES);
  expect(only(check_passgated), Health::skip, "group passgate", "sudo passgate doctor");
  EXPECT_EQ(only(check_passgated).mend, "sudo passgate doctor");
}

TEST_F(DoctorDaemons, NoticesADaemonOfAnotherVersion) {
  (*subject.core)["version"] = "0.0.9";
  (*subject.sync)["version"] = "0.0.9";
  expect(only(check_passgated), Health::warn, "version 0.0.9 runs",
         "sudo systemctl restart passgated");
  expect(only(check_syncd), Health::warn, "version 0.0.9 runs",
         "sudo systemctl restart passgate-syncd");
}

TEST_F(DoctorDaemons, NoticesAJournalOutOfOrderAndASyncdThatHearsNothing) {
  (*subject.core)["journal"]["healthy"] = false;
  expect(only(check_passgated), Health::fail, "out of order", "journalctl -u passgated");
  (*subject.sync)["core"] = "absent";
  expect(only(check_syncd), Health::fail, "does not hear from passgated", "restart");
}

TEST_F(DoctorDaemons, SaysHowFarTheClockMayBeBelieved) {
  expect(only(check_clock), Health::ok, "synchronised");
  subject.clock = ClockState::holdover;
  expect(only(check_clock), Health::warn, "nobody corrects it", "timedatectl set-ntp true");
  subject.clock = ClockState::unset;
  expect(only(check_clock), Health::fail, "certainly wrong", "timedatectl set-ntp true");
}

TEST_F(DoctorReaders, TellsWhoCannotReachPcscd) {
  expect(only(check_pcscd), Health::ok, "answers");
  (*subject.core)["pcsc"] = false;
  expect(only(check_pcscd), Health::fail, "passgated cannot reach it", "restart pcscd passgated");
  subject.readers = passgate::fail(Errc::pcsc_unavailable, static_cast<int>(0x8010001D));
  expect(only(check_pcscd), Health::fail, "SCARD_E_NO_SERVICE", "enable --now pcscd.socket");
  (*subject.core)["pcsc"] = true;
  expect(only(check_pcscd), Health::ok, "answers passgated");
  subject.core = passgate::fail(Errc::unreachable, ENOENT);
  subject.readers = passgate::fail(Errc::deadline_exceeded);
  expect(only(check_pcscd), Health::fail, "does not answer", "sudo systemctl restart pcscd");
}

TEST_F(DoctorReaders, AsksForRootWherePcscdRefusesAUser) {
  subject.core = passgate::fail(Errc::unreachable, ENOENT);
  subject.readers = passgate::fail(Errc::pcsc_unavailable, static_cast<int>(0x8010006A));
  subject.is_root = false;
  expect(only(check_pcscd), Health::skip, "refuses this user", "sudo passgate doctor");
  subject.is_root = true;
  expect(only(check_pcscd), Health::fail, "SCARD_W_SECURITY_VIOLATION");
}

TEST_F(DoctorReaders, TellWhichReaderOfTheConfigurationEachOneIs) {
  expect(only(check_readers), Health::ok, "[[reader]] north-1, mode gate, idle");
}

TEST_F(DoctorReaders, AreMissedWherePcscdSeesNone) {
  subject.readers = std::vector<std::string>{};
  expect(only(check_readers), Health::fail, "sees none", "restart pcscd");
}

TEST_F(DoctorReaders, AreNamedWhenNothingMatches) {
  subject.readers = std::vector<std::string>{"Other 00 00"};
  const auto found = check_readers(subject);
  ASSERT_EQ(found.size(), 2U);
  expect(found[0], Health::warn, "no [[reader]] matches it", "sudoedit");
  EXPECT_EQ(found[0].what, "reader Other 00 00");
  expect(found[1], Health::warn, "match = ACS*", "passgate status");
  EXPECT_EQ(found[1].what, "reader north-1");
}

TEST_F(DoctorReaders, FailWhenPassgatedCannotUseThem) {
  (*subject.core)["readers"][0]["state"] = "unavailable";
  expect(only(check_readers), Health::fail, "cannot reach it", "restart pcscd");
  (*subject.core)["readers"][0]["state"] = "stuck";
  expect(only(check_readers), Health::fail, "does not return", "restart pcscd");
}

TEST_F(DoctorDrivers, WantOurPolkitRuleOnlyWherePcscdAsksPolkit) {
  expect(only(check_polkit), Health::ok, "does not ask it");
  folder.write("root/usr/share/polkit-1/actions/org.debian.pcsc-lite.policy", "<policyconfig/>");
  expect(only(check_polkit), Health::fail, "50-passgate.rules is missing", "--reinstall passgate");
  folder.write("root/usr/share/polkit-1/rules.d/50-passgate.rules", "");
  expect(only(check_polkit), Health::ok, "lets passgated");
}

std::string plist(const std::string& options) {
  return "<dict>\n\t<key>ifdLogLevel</key>\n\t<string>0x0003</string>\n\n"
         "\t<key>ifdDriverOptions</key>\n\t<string>" +
         options + "</string>\n</dict>\n";
}

TEST_F(DoctorDrivers, SayHowLibccidIsToldToLetLampCommandsThrough) {
  const auto file = folder.write("root/etc/libccid_Info.plist", plist("0x0004"));
  const auto found = only(check_escape);
  expect(found, Health::warn, kReader, "/etc/libccid_Info.plist && sudo systemctl restart pcscd");
  // The command itself, on the file of this test.
  std::string command = found.mend.substr(0, found.mend.find(" /etc/"));
  command.replace(command.find("sudo "), 5, "");
  ASSERT_EQ(std::system((command + " " + file.string()).c_str()), 0);
  EXPECT_EQ(folder.read("root/etc/libccid_Info.plist"), plist("0x0005"));
  expect(only(check_escape), Health::ok, "allowed");
}

TEST_F(DoctorDrivers, DoNotMindEscapeCommandsThatNobodyNeeds) {
  folder.write("root/etc/libccid_Info.plist", plist("0x0000"));
  subject.readers = std::vector<std::string>{"Identiv uTrust 3700 F 00 00"};
  expect(only(check_escape), Health::ok, "no reader here needs them");
  subject.readers = std::vector<std::string>{kReader};
  expect(only(check_escape), Health::warn, "forbids");
}

TEST_F(DoctorDrivers, AreNoticedWhenTheKernelTakesAReader) {
  expect(only(check_pn533), Health::ok, "none");
  std::filesystem::create_directories(folder / "root/sys/module/pn533_usb");
  std::filesystem::create_directories(folder / "root/sys/bus/usb/drivers/pn533_usb/module");
  expect(only(check_pn533), Health::warn, "ACR122U", "modprobe -r pn533_usb");
  std::filesystem::create_directories(folder / "root/sys/bus/usb/drivers/pn533_usb/1-1.2:1.0");
  expect(only(check_pn533), Health::fail, "has taken the reader at USB 1-1.2:1.0",
         "cp /usr/share/doc/passgate/examples/passgate-pn533.conf /etc/modprobe.d/");
  std::filesystem::create_directories(folder / "root/sys/module/port100");
  EXPECT_EQ(check_pn533(subject).size(), 2U);
}

}  // namespace
}  // namespace passgate::cli::doctor
