// CRC-32C and the encoding of messages, against published vectors.
#include "cli/tensorboard/crc32c.h"

#include <string>

#include "cli/tensorboard/message.h"
#include "gtest/gtest.h"

namespace microgpt::cli {
namespace {

// RFC 3720, appendix B.4.
TEST(Crc32cTest, VectorsOfTheStandard) {
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(Crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
  std::string rising;
  for (char c = 0; c < 32; ++c) rising += c;
  EXPECT_EQ(Crc32c(rising), 0x46DD794Eu);
  EXPECT_EQ(Crc32c(std::string(rising.rbegin(), rising.rend())), 0x113FDB5Cu);
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(Crc32c(""), 0u);
}

TEST(Crc32cTest, Mask) {
  EXPECT_EQ(MaskedCrc32c(""), 0xA282EAD8u);
  // ((c >> 15) | (c << 17)) + delta of 0xE3069283.
  EXPECT_EQ(MaskedCrc32c("123456789"),
            static_cast<std::uint32_t>(0x2507C60Du + 0xA282EAD8u));
}

// The examples of the description of the encoding: field 1, 150 and "testing".
TEST(MessageTest, FieldsOfEveryKind) {
  EXPECT_EQ(Message().Integer(1, 150).bytes(), "\x08\x96\x01");
  EXPECT_EQ(Message().Integer(1, 0).bytes(), std::string("\x08\0", 2));
  EXPECT_EQ(Message().Bytes(2, "testing").bytes(), "\x12\x07testing");
  EXPECT_EQ(Message().Double(1, 1.0).bytes(),
            std::string("\x09\0\0\0\0\0\0\xF0\x3F", 9));
  EXPECT_EQ(Message().Float(2, -2.0F).bytes(),
            std::string("\x15\0\0\0\xC0", 5));
  EXPECT_EQ(Message().Bytes(3, std::string(300, 'x')).bytes().substr(0, 4),
            "\x1A\xAC\x02x");
  EXPECT_EQ(Message().Bytes(16, "").bytes(), std::string("\x82\x01\0", 3));
}

}  // namespace
}  // namespace microgpt::cli
