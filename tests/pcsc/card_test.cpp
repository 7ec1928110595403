// SPDX-License-Identifier: Apache-2.0
// What libpcsclite and a real pcscd answer, and what the adapter makes of it.
#include "apdu/pcsc/card.h"

#include <gtest/gtest.h>
#include <winscard.h>

#include <memory>
#include <optional>
#include <thread>

#include "apdu/pcsc/return_code.h"
#include "tests/pcsc/eventually.h"
#include "tests/pcsc/rig_fixture.h"
#include "tests/pcsc/test_card.h"

namespace passgate::apdu::pcsc {
namespace {

using test::eventually;
using test::select_vas;
using test::TestCard;

std::int32_t code(LONG value) {
  return static_cast<std::int32_t>(value);
}

class PcscCard : public test::WithReaders {
 protected:
  void SetUp() override {
    start_readers(1);
    ASSERT_TRUE(rig_);
    context_.emplace(*Context::establish());
  }
  /// Puts a card in and waits until pcscd shows it.
  std::unique_ptr<TestCard> put_card(TestCard::Answer answer = TestCard::success) {
    auto card = std::make_unique<TestCard>(rig_->card(0), std::move(answer));
    EXPECT_TRUE(eventually([&] { return state().card_present(); }));
    return card;
  }
  ReaderState state() {
    const auto now = context_->wait_for_change(reader(0), {}, Milliseconds{1000});
    EXPECT_TRUE(now);
    return now.value_or(ReaderState{});
  }

  std::optional<Context> context_;
};

TEST_F(PcscCard, ReturnsTheAnswerOfTheCard) {
  Bytes seen;
  const auto phone = put_card([&](ByteView command) {
    seen.assign(command.begin(), command.end());
    return Bytes{0x6F, 0x00, 0x90, 0x00};
  });
  auto card = Card::connect(*context_, reader(0));
  ASSERT_TRUE(card);
  EXPECT_FALSE(card->shared());
  const auto answer = card->transmit(select_vas());
  ASSERT_TRUE(answer);
  EXPECT_EQ(to_hex(*answer), "6f009000");
  EXPECT_EQ(to_hex(seen), "00a404000a4f53452e5641532e303100");
}

TEST_F(PcscCard, CarriesAnAnswerAsLongAsTheTransportAllows) {
  constexpr std::size_t kLength = 65535;
  const auto phone = put_card([](ByteView) { return Bytes(kLength, 0x90); });
  auto card = Card::connect(*context_, reader(0));
  ASSERT_TRUE(card);
  const auto answer = card->transmit(select_vas());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->size(), kLength);
}

TEST_F(PcscCard, PassesAnAnswerWithoutStatusWordOnForTheDriverLoopToRefuse) {
  const auto phone = put_card();
  ASSERT_TRUE(rig_->fault(0, "short 1"));
  auto card = Card::connect(*context_, reader(0));
  ASSERT_TRUE(card);
  const auto answer = card->transmit(select_vas());
  ASSERT_TRUE(answer);
  EXPECT_EQ(ResponseView::parse(*answer).error().code(), Errc::too_short);
}

TEST_F(PcscCard, SaysRemovedForEveryCommandAfterTheCardLeft) {
  auto phone = put_card();
  auto card = Card::connect(*context_, reader(0));
  ASSERT_TRUE(card);
  phone->leave();
  ASSERT_TRUE(eventually([&] { return !state().card_present(); }));
  EXPECT_EQ(card->transmit(select_vas()).error(),
            Error(Errc::card_removed, code(SCARD_W_REMOVED_CARD)));
  const auto next = put_card();
  EXPECT_EQ(card->transmit(select_vas()).error().code(), Errc::card_removed);
  EXPECT_EQ(next->commands(), 0U) << "a stale connection must not reach the next phone";
}

TEST_F(PcscCard, SaysRemovedWhenTheCardLeavesInsteadOfAnswering) {
  const auto phone = put_card([](ByteView) { return Bytes{}; });
  auto card = Card::connect(*context_, reader(0));
  ASSERT_TRUE(card);
  EXPECT_EQ(card->transmit(select_vas()).error().code(), Errc::card_removed);
}

TEST_F(PcscCard, SaysRemovedWhenTheDriverCannotReachTheCard) {
  const auto phone = put_card();
  ASSERT_TRUE(rig_->fault(0, "errors 1"));
  auto card = Card::connect(*context_, reader(0));
  ASSERT_TRUE(card);
  EXPECT_EQ(card->transmit(select_vas()).error(),
            Error(Errc::card_removed, code(SCARD_E_NOT_TRANSACTED)));
  EXPECT_EQ(phone->commands(), 0U);
}

TEST_F(PcscCard, SaysReaderGoneWhenTheReaderIsUnplugged) {
  const auto phone = put_card();
  auto card = Card::connect(*context_, reader(0));
  ASSERT_TRUE(card);
  ASSERT_TRUE(rig_->fault(0, "gone"));
  EXPECT_EQ(card->transmit(select_vas()).error().code(), Errc::reader_gone);
  EXPECT_EQ(Card::connect(*context_, reader(0)).error().code(), Errc::reader_gone);
  EXPECT_EQ(Card::connect(*context_, "No such reader 00 00").error(),
            Error(Errc::reader_gone, code(SCARD_E_UNKNOWN_READER)));
}

TEST_F(PcscCard, SaysPcscUnavailableWhenPcscdIsKilled) {
  const auto phone = put_card();
  auto card = Card::connect(*context_, reader(0));
  ASSERT_TRUE(card);
  rig_->kill();
  EXPECT_EQ(card->transmit(select_vas()).error().code(), Errc::pcsc_unavailable);
  EXPECT_EQ(context_->readers().error().code(), Errc::pcsc_unavailable);
  EXPECT_EQ(Context::establish().error().code(), Errc::pcsc_unavailable);
}

TEST_F(PcscCard, TakesTheFieldAwayOnReleaseAndConnectsAgain) {
  const auto phone = put_card();
  auto card = Card::connect(*context_, reader(0));
  ASSERT_TRUE(card);
  ASSERT_TRUE(card->transmit(select_vas()));
  card->release();
  EXPECT_EQ(card->transmit(select_vas()).error().code(), Errc::card_removed);
  card->release();  // harmless
  EXPECT_TRUE(state().card_present());
  auto again = Card::connect(*context_, reader(0));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->transmit(select_vas()));
  phone->leave();  // all it was sent is counted then
  EXPECT_EQ(phone->power_offs(), 1U) << "the phone must lose the field before the second connect";
}

TEST_F(PcscCard, SaysRemovedWhenThereIsNoneToConnectTo) {
  EXPECT_EQ(Card::connect(*context_, reader(0)).error(),
            Error(Errc::card_removed, code(SCARD_E_NO_SMARTCARD)));
}

TEST_F(PcscCard, SharesTheReaderWithAnotherProgramInsideATransaction) {
  const auto phone = put_card();
  const auto other = *Context::establish();
  SCARDHANDLE handle = 0;
  DWORD protocol = 0;
  ASSERT_EQ(SCardConnect(other.id(), reader(0).c_str(), SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1,
                         &handle, &protocol),
            SCARD_S_SUCCESS);
  auto card = Card::connect(*context_, reader(0));
  ASSERT_TRUE(card);
  EXPECT_TRUE(card->shared());
  EXPECT_TRUE(card->transmit(select_vas()));
  std::thread other_program([&] {
    const Bytes command{0x00, 0xB0, 0x00, 0x00, 0x00};
    Bytes answer(258);
    DWORD length = answer.size();
    // Waits inside libpcsclite for as long as the transaction lasts.
    SCardTransmit(handle, SCARD_PCI_T1, command.data(), command.size(), nullptr, answer.data(),
                  &length);
  });
  for (unsigned i = 2; i <= 100; ++i) {
    ASSERT_TRUE(card->transmit(select_vas()));
    ASSERT_EQ(phone->commands(), i) << "another program spoke in the middle of a tap";
  }
  card->release();
  other_program.join();
  SCardDisconnect(handle, SCARD_LEAVE_CARD);
}

TEST_F(PcscCard, SaysReaderGoneWhenAnotherProgramKeepsItForItself) {
  const auto phone = put_card();
  const auto other = *Context::establish();
  const auto theirs = Card::connect(other, reader(0));
  ASSERT_TRUE(theirs);
  EXPECT_EQ(Card::connect(*context_, reader(0)).error(),
            Error(Errc::reader_gone, code(SCARD_E_SHARING_VIOLATION)));
}

TEST_F(PcscCard, ConnectsOnceAnotherProgramsTransactionIsOver) {
  const auto phone = put_card();
  const auto other = *Context::establish();
  SCARDHANDLE handle = 0;
  DWORD protocol = 0;
  ASSERT_EQ(SCardConnect(other.id(), reader(0).c_str(), SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1,
                         &handle, &protocol),
            SCARD_S_SUCCESS);
  ASSERT_EQ(SCardBeginTransaction(handle), SCARD_S_SUCCESS);
  std::thread other_program([&] {
    SCardEndTransaction(handle, SCARD_LEAVE_CARD);
    SCardDisconnect(handle, SCARD_LEAVE_CARD);
  });
  auto card = Card::connect(*context_, reader(0));
  other_program.join();
  ASSERT_TRUE(card);
  EXPECT_TRUE(card->transmit(select_vas()));
}

TEST(ReturnCode, NamesWhatPcscReturns) {
  EXPECT_EQ(return_code_name(code(SCARD_W_REMOVED_CARD)), "SCARD_W_REMOVED_CARD");
  EXPECT_EQ(return_code_name(0x1234), "SCARD_unknown");
  EXPECT_EQ(errc_of(SCARD_E_NO_SERVICE), Errc::pcsc_unavailable);
  EXPECT_EQ(errc_of(SCARD_F_COMM_ERROR), Errc::pcsc_unavailable);
  EXPECT_EQ(errc_of(SCARD_E_INVALID_HANDLE), Errc::pcsc_unavailable);
  EXPECT_EQ(errc_of(SCARD_E_UNKNOWN_READER), Errc::reader_gone);
  EXPECT_EQ(errc_of(0x12345678), Errc::pcsc_unavailable) << "a new context is the safe cure";
}

}  // namespace
}  // namespace passgate::apdu::pcsc
