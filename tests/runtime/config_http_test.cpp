// SPDX-License-Identifier: Apache-2.0
// [http] and the newer keys of [[subscriber]].
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/config.h"
#include "tests/runtime/config_text.h"

namespace passgate::runtime {
namespace {

using test::loaded;
using test::problems_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kTerminal = "[terminal]\nid = \"a\"\n";
const std::string kSubscriber = kTerminal +
                                "[[subscriber]]\nname = \"b\"\nurl = \"https://b\"\n"
                                "secrets = [\"file:s\", \"file:next\"]\n";

TEST(HttpConfig, IsAbsentUntilItIsAskedFor) {
  EXPECT_FALSE(loaded(kTerminal).http);
}

TEST(HttpConfig, ListensOnThisMachineWithoutACertificate) {
  const test::TempFolder dir;
  const auto config = load_config(dir.write(
      "p.toml", kTerminal +
                    "[http]\nlisten = [\"127.0.0.1:8470\", \"127.9.9.9:1\", \"[::1]:65535\", "
                    "\"unix:run/http.sock\", \"unix:/run/x.sock\"]\n"));
  ASSERT_TRUE(config) << config.error().front().text();
  ASSERT_TRUE(config->http);
  EXPECT_THAT(config->http->listen,
              ElementsAre("127.0.0.1:8470", "127.9.9.9:1", "[::1]:65535",
                          "unix:" + (dir / "run/http.sock").string(), "unix:/run/x.sock"));
  EXPECT_FALSE(config->http->tls_cert);
  EXPECT_FALSE(config->http->tls_key);
}

TEST(HttpConfig, MayLeaveListeningToSystemd) {
  const auto config = loaded(kTerminal + "[http]\nlisten = []\n");
  ASSERT_TRUE(config.http);
  EXPECT_THAT(config.http->listen, IsEmpty());
}

TEST(HttpConfig, ListensBeyondThisMachineWithACertificateAndItsKey) {
  const test::TempFolder dir;
  const auto config = load_config(dir.write(
      "p.toml", kTerminal + "[http]\nlisten = [\"0.0.0.0:8470\", \"[2001:db8::1]:8470\"]\n"
                            "tls_cert = \"tls/cert.pem\"\ntls_key = \"file:tls/key.pem\"\n"));
  ASSERT_TRUE(config) << config.error().front().text();
  EXPECT_EQ(config->http->tls_cert, dir / "tls/cert.pem");
  EXPECT_EQ(config->http->tls_key->path, dir / "tls/key.pem");
}

struct Refusal {
  const char* what;
  const char* http;  ///< Line 4 and on, below [http].
  const char* says;
};

class HttpConfigRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(HttpConfigRefuses, WithPlaceAndHint) {
  EXPECT_THAT(problems_of(kTerminal + "[http]\n" + GetParam().http + "\n"),
              ElementsAre(HasSubstr(GetParam().says)));
}

std::string name_of(const testing::TestParamInfo<Refusal>& info) {
  return info.param.what;
}

INSTANTIATE_TEST_SUITE_P(
    Values, HttpConfigRefuses,
    testing::Values(
        Refusal{"NoAddress", "",
                "p.toml:3: listen names no address (listen = [\"127.0.0.1:8470\"])"},
        Refusal{"Name", "listen = [\"localhost:1\"]",
                "p.toml:4: listen: \"localhost:1\" names no IP address (\"IP:PORT\", "
                "\"[IPV6]:PORT\" or \"unix:PATH\")"},
        Refusal{"BareIpv6", "listen = [\"::1:80\"]", "\"::1:80\" names no IP address"},
        Refusal{"OpenBracket", "listen = [\"[::1:80\"]", "\"[::1:80\" names no IP address"},
        Refusal{"Ipv4InBrackets", "listen = [\"[127.0.0.1]:80\"]", "names no IP address"},
        Refusal{"Empty", "listen = [\"\"]", "p.toml:4: listen: \"\" has no port"},
        Refusal{"NoPort", "listen = [\"127.0.0.1\"]", "has no port (\"IP:PORT\""},
        Refusal{"PortZero", "listen = [\"127.0.0.1:0\"]", "has no port from 1 to 65535"},
        Refusal{"PortTooHigh", "listen = [\"127.0.0.1:65536\"]", "has no port from 1 to 65535"},
        Refusal{"PortWithMore", "listen = [\"127.0.0.1:80/\"]", "has no port from 1 to 65535"},
        Refusal{"SocketWithoutPath", "listen = [\"unix:\"]",
                "p.toml:4: listen: \"unix:\" names no socket"},
        Refusal{"SocketTooLong",
                "listen = [\"unix:/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]",
                "is too long: a socket's path may have 107 bytes"},
        Refusal{"Twice", "listen = [\"[::1]:80\", \"[::1]:80\"]",
                "p.toml:4: listen holds \"[::1]:80\" twice"},
        Refusal{"EveryoneWithoutTls", "listen = [\"0.0.0.0:80\"]",
                "p.toml:4: listen: \"0.0.0.0:80\" is beyond this machine, which needs tls_cert and "
                "tls_key"},
        Refusal{"EveryoneOfIpv6WithoutTls", "listen = [\"[::]:80\"]", "is beyond this machine"},
        Refusal{"MappedLoopbackWithoutTls", "listen = [\"[::ffff:127.0.0.1]:80\"]",
                "is beyond this machine"},
        Refusal{"CertificateWithoutKey", "listen = [\"10.0.0.1:80\"]\ntls_cert = \"c\"",
                "p.toml:5: tls_cert and tls_key only work together"},
        Refusal{"KeyWithoutCertificate", "listen = [\"127.0.0.1:80\"]\ntls_key = \"file:k\"",
                "p.toml:5: tls_cert and tls_key only work together"},
        Refusal{"KeyInTheFile",
                "listen = [\"127.0.0.1:80\"]\ntls_cert = \"c\"\ntls_key = \"secret\"",
                "p.toml:6: tls_key is not a reference to a secret"},
        Refusal{"HostWithPort", "listen = [\"127.0.0.1:80\"]\nhosts = [\"gate:80\"]",
                "p.toml:5: hosts: \"gate:80\" is no host name (as in an address bar"},
        Refusal{"HostWithScheme", "listen = [\"127.0.0.1:80\"]\nhosts = [\"http://gate\"]",
                "is no host name"},
        Refusal{"NoHost", "listen = [\"127.0.0.1:80\"]\nhosts = []",
                "p.toml:5: hosts names nobody"},
        Refusal{"OddErrors", "listen = [\"127.0.0.1:80\"]\ndecrypt_errors = \"json\"",
                "p.toml:5: decrypt_errors may not be \"json\" (one of: flat, nested)"}),
    name_of);

TEST(HttpConfig, IsATable) {
  EXPECT_THAT(problems_of("http = true\n" + kTerminal),
              ElementsAre("p.toml:1: http must be a table ([http])"));
}

TEST(SubscriberConfig, SendsFourAtOnceAndAsksNobodyByDefault) {
  const auto subscriber = loaded(kSubscriber).subscribers.at(0);
  EXPECT_EQ(subscriber.parallel, 4U);
  EXPECT_EQ(subscriber.origin_name, "");
  EXPECT_EQ(subscriber.secrets.size(), 2U);
}

TEST(SubscriberConfig, ReadsHowManyAtOnceAndAsWhomItAsks) {
  for (const unsigned parallel : {1U, 16U}) {
    EXPECT_EQ(loaded(kSubscriber + "parallel = " + std::to_string(parallel) + "\n")
                  .subscribers.at(0)
                  .parallel,
              parallel);
  }
  EXPECT_EQ(
      loaded(kSubscriber + "origin = \"gate-a1.example.com\"\n").subscribers.at(0).origin_name,
      "gate-a1.example.com");
}

TEST(SubscriberConfig, RefusesMoreAtOnceThanOrderOrNeighboursBear) {
  for (const auto* parallel : {"0", "17"}) {
    EXPECT_THAT(problems_of(kSubscriber + "parallel = " + parallel + "\n"),
                ElementsAre("p.toml:7: parallel must lie between 1 and 16"));
  }
}

TEST(SubscriberConfig, RefusesAnOriginThatIsNoDnsName) {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'a');
  EXPECT_THAT(problems_of(kSubscriber + "origin = \"" + longest + "\"\n"), IsEmpty());
  for (const std::string& bad :
       {std::string("https://gate.example"), std::string("gate.example:80"), std::string("a..b"),
        std::string(".a"), std::string("a."), std::string("-a.b"), std::string("a-.b"),
        std::string("a_b"), std::string("a b"), std::string("*"), label + "a", longest + "a"}) {
    EXPECT_THAT(problems_of(kSubscriber + "origin = \"" + bad + "\"\n"),
                ElementsAre("p.toml:7: origin must be a DNS name (origin = "
                            "\"gate-a1.example.com\")"))
        << bad;
  }
}

}  // namespace
}  // namespace passgate::runtime
