#include "generator/command_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kasane {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CommandWordsTest : public testing::Test {
 protected:
  bool Parse(const std::vector<std::string>& args, bool first_ends = false) {
    words_.Flag("-i|--interactive", &i_);
    words_.Flag("-t|--tty", &t_);
    words_.Option("-p|--publish", [this](const std::string& value) {
      ports_.push_back(value);
      return value == "bad" ? "it is bad" : "";
    });
    words_.Option("--name", &name_);
    return words_.Parse(args, first_ends);
  }
  Messages messages_{false};
  CommandWords words_{"gen x", &messages_};
  bool i_ = false, t_ = false;
  std::vector<std::string> ports_;
  std::string name_;
};

TEST_F(CommandWordsTest, FlagsOptionsAndWords) {
  ASSERT_TRUE(
      Parse({"-itp", "80", "--name=a", "image", "--publish", "81", "-p82", "-p=83", "--", "-i", "--name"}));
  EXPECT_TRUE(i_);
  EXPECT_TRUE(t_);
  EXPECT_EQ(name_, "a");
  EXPECT_THAT(ports_, ElementsAre("80", "81", "82", "83"));
  EXPECT_THAT(words_.words(), ElementsAre("image", "-i", "--name"));
}

TEST_F(CommandWordsTest, TheFirstWordMayEndTheOptions) {
  ASSERT_TRUE(Parse({"-i", "name", "ls", "-l"}, /*first_ends=*/true));
  EXPECT_THAT(words_.words(), ElementsAre("name", "ls", "-l"));
}

TEST_F(CommandWordsTest, WhatItDoesNotKnow) {
  EXPECT_FALSE(Parse({"--interactive=1"}));
  EXPECT_FALSE(words_.wrong_value());
  EXPECT_THAT(messages_.text(), HasSubstr("gen x does not know \"--interactive=1\""));
  EXPECT_FALSE(words_.Parse({"-ix"}));
}

TEST_F(CommandWordsTest, ValuesThatAreMissingOrWrong) {
  EXPECT_FALSE(Parse({"-p"}));
  EXPECT_THAT(messages_.text(), HasSubstr("-p needs a value"));
  EXPECT_FALSE(words_.wrong_value());
  EXPECT_FALSE(words_.Parse({"--publish", "bad"}));
  EXPECT_TRUE(words_.wrong_value());
  EXPECT_THAT(messages_.text(), HasSubstr("--publish: it is bad"));
}

}  // namespace
}  // namespace kasane
